receive_mine = For me to receive
receive_nothing = Nobody waits to be received.
receive_waits = Waiting
receive_time_left = { $length } left (until { $at })
receive_overdue = { $length } overdue (due { $at })
receive_coming = Coming today
receive_given = Offered by us, waiting
receive_ended_before = Ended lately
receive_handoff = Handoff
receive_all = All handoffs
receive_steps = Steps
receive_step_count = Count
receive_step_list = Check
receive_step_sign = Sign
receive_how_many = How many heads are there?
receive_blind = Count heads first. The list is shown afterwards.
receive_counted = Record the count
receive_count_unreadable = Give a number, such as 23.
receive_count_differs = You counted { $counted }, the list has { $listed }: a difference of { $by }. Check person by person.
receive_count_agrees = The count agrees with the list.
receive_tick = Untick whoever is not there
receive_all_here = All are here
receive_why = Reason
receive_sign = Sign
receive_refuse = Refuse them all
receive_refuse_hint = All of them stay with the giver, who is told why at once.
receive_refuse_do = Refuse
receive_reason = Reason
receive_list = List
receive_list_hidden = The list is not shown before the receiver has counted.
receive_list_opened = List of a handoff
receive_withdraw = Withdraw
receive_withdraw_hint = We go on answering for them; the receiver is told at once.
receive_withdraw_do = Withdraw the offer
receive_decide = Decide, after the deadline
receive_decide_hint = Decides that they were not received: the giver goes on answering for them. Recorded as decided for the receiver.
receive_decide_do = Decide: not received
receive_ended = { $state }: { $at }, { $by }, { $counted } received. { $reason }
key_tick = Tick or untick
handoff_state_lapsed = lapsed
handoff_state_accepted = received
handoff_state_accepted_with_exceptions = received in part
handoff_state_refused = refused
handoff_state_withdrawn = withdrawn
excepted_not_there = Not there
excepted_to_doctors = With the doctors
excepted_would_not_come = Would not come
excepted_wrong_vehicle = Wrong vehicle
excepted_not_fit = Not fit to travel
outcome_received = Received
outcome_missing = Missing
outcome_refused = Refused
outcome_extra = Extra
outcome_wrong_vehicle = Wrong vehicle
sheet_title = Handoff sheet
sheet_version = Version
sheet_listed = Listed
sheet_counted = Counted
sheet_name = Name
sheet_here = Check
sheet_giver = Giver
sheet_receiver = Receiver
sheet_printed = Handoff sheet printed
trip_crew = Crew
weekday_short_1 = Mon
weekday_short_2 = Tue
weekday_short_3 = Wed
weekday_short_4 = Thu
weekday_short_5 = Fri
weekday_short_6 = Sat
weekday_short_7 = Sun
handoff_state_offered = waiting
outbox_waiting = Waiting to be sent:
outbox_sign_in = The line is back. Sign in again to deliver what you signed.
outbox_conflict = Conflict: this handoff has ended otherwise. Open it to see.
overview_title = Handoffs that wait for an answer
overview_nothing = No handoff waits for an answer.
overview_act = Overdue, to be decided:
overview_waiting = Waiting
overview_overdue = Overdue
overview_lapsing = Due within half an hour
overview_ended = Ended
overview_everybody = All organisations
overview_show = Show
overview_none_here = There is no such handoff.
overview_all = All that wait
overview_ended_at = Ended
list_first = First page
key_pages = First page, next page
overview_owes = Who owes the answer
overview_deadline = Answer due
guest_lead = Count heads at the coach and enter the check code; then check the list and sign.
guest_code = Check code
guest_code_hint = Six digits, told to you by whoever sent the link.
guest_code_apart = Tell it in another way, by telephone; never with the link.
guest_counted_before = If you have counted already, the code alone is enough.
guest_name = Name of who receives
guest_outside = Once signed, your side answers for these people; here they count as handed outside the network.
guest_done = Signed, and the giver is told. This link works no more.
guest_link = Link to receive by
guest_link_hint = A receiver without accounts answers by a link that works once and a check code. Whoever is received counts as handed outside the network.
guest_link_make = Make a link
guest_link_out = A link is out, until
guest_link_revoke = Take the link back
guest_link_once = Link and code are shown this once. Send them now.
guest_link_address = Link
guest_link_until = Works until
owed_title = What is owed
owed_nothing = Nothing is owed at present.
owed_care = Care
owed_medicine = Medicine
owed_note = Note
owed_kind = Kind
owed_words = What
owed_due = By when
owed_any_time = any time
owed_add = Write down
owed_hint = It moves with the person: whoever answers for them does it. The words are sealed, reading them is logged, and nothing is changed later.
owed_do = Done
owed_done_by = done:
owed_all = All that is owed
owed_every_kind = All
owed_overdue = Overdue, to be done now:
owed_late = Overdue
owed_added = Written down
owed_by_policy = by the policy
owed_choose = Choose an organisation to see all that it owes.
statement_title = Statement
statement_one = One side
statement_other = The other side
statement_from = From
statement_to = To
statement_show = Show
statement_brought_forward = Brought forward
statement_offered = Offered
statement_received = Received
statement_outside = of them outside the network
statement_excepted = Excepted
statement_refused_people = Refused
statement_withdrawn = Withdrawn
statement_carried_forward = Carried forward
statement_overdue = of them overdue
statement_extras = Extras
statement_differences = Who differs
statement_unbalanced = does not balance
statement_signed_title = Signatures
statement_digest = Digest
statement_open = waiting to be signed
statement_agreed = signed by both
statement_disputed = in dispute
statement_outdated = changed since
statement_differs_now = The figures have changed since it was signed. Below is the statement of now, which is signed by itself.
statement_said_signed = signed
statement_said_refused = refused
statement_text = What was signed
statement_sign = Sign
statement_refuse = Refuse to sign
statement_who_signs = Both sides sign it once the period is over.
outbox_others = Somebody else's receipts wait on this phone. Sign in as them to deliver.
receive_unsigned = The browser of this phone cannot sign: the receipt is delivered under your session.
receive_phone_signed = Signed on the phone: { $by }, { $done }, delivered { $at }, key { $key }…
receive_phone_signed_otherwise = Also signed on a phone, not taken: { $by }, { $done }, delivered { $at }, key { $key }… { $what ->
    [refusal] A refusal of all: { $reason }
   *[other] A receipt
}. { $because }
receive_count_first = Count the heads first, then read documents.
receive_scan = Read a document or type its number
receive_scan_hint = A passport's machine-readable zone, the number of a resident's card or a permit, or the code on the slip; whoever is read is ticked.
receive_scan_again = Read before:
receive_scan_unknown = Nobody on the list has this document:
receive_scanned = Read
receive_untick_rest = Untick those not read
receive_extra_name = Name them as not on the list
receive_extra_named = Noted as not on the list:
receive_extras = People not on the list
receive_extras_label = Numbers of their documents, one a line
receive_extras_hint = Who came without being on the list. Whoever answers for them now is asked to hand them over afterwards.
excepted_extra = Not on the list; the document was looked at
extra_unknown = Nobody in the chain has a document with the number { $number }. Look again; if the person is there, tell the coordinator.
overview_title_ended = Handoffs that have ended
guest_extras_hint = Whoever is there and not on the list, as their document says, one to a row; leave it empty if there is nobody. They are not handed over by this receipt.
guest_extra_wrong = Document { $number }: { $because }
guest_extras_too_many = At most { $most } people can be named beside the list; tell the giver of the others by phone.
guest_noted = People not on the list who are noted, and of whom the giver is told: { $count }. They are not handed over by this receipt; whoever answers for them goes on doing so.
guest_named_known = The receiver noted somebody who was not on the list: { $kind } { $number }, known. Whoever answers for them goes on doing so, and offers them.
guest_named_unknown = The receiver noted somebody who was not on the list: { $kind } { $number }, which nobody in the chain carries. Compare it with them; if somebody is there, tell a coordinator.
guest_named_destroyed = The receiver had noted somebody who was not on the list; the document's number was destroyed in its time.
receive_unsent = Signed and saved on this phone, not yet delivered: the giver does not know of it. It is sent when the line is back.
receive_refusal_unsent = Your refusal is signed and saved on this phone, not yet delivered: the giver does not know of it. It is sent when the line is back.
receive_kept_sign_again = What you signed is kept word for word but does not count, and both sides are told. Put right what is wrong, count and sign again on this page.
receive_kept_decide = What you signed is kept word for word but does not count, and both sides are told. Call the coordinator, who decides now.
receive_kept_agree = What you signed is kept word for word but does not count, and both sides are told. Agree with the other side who has the people.
outbox_not_taken = Not taken, and kept on this phone:
set_aside_because = { $because ->
    [phone_key_taken_back] The key of the phone had been taken back.
    [handoff_ended] The handoff had ended otherwise.
    [handoff_lapsed] It was signed after the deadline.
    [happens_later] The phone's clock is ahead.
    [happened_before_offer] The phone's clock is behind: it was signed before the offer.
    [count_above_seats] More heads than the vehicle has seats.
    [count_differs] The heads do not fit the list and the exceptions.
    [held_may_not_board] Somebody was received whom something holds, who may not board.
    [extra_unknown] Nobody in the chain has one of the documents named beside the list.
    [extra_is_already_here] Somebody named beside the list is with the receiver already.
    [extra_is_on_list] Somebody named beside the list is on it.
    [exception_not_on_list] An exception is about somebody who is not on the list.
    [exception_twice] Somebody is named twice.
    [custody_chain] The giver does not answer for somebody on the list any more.
    [only_receiver_answers] Whoever signed is not of the receiver.
    [same_signer] Whoever signed had offered it themselves.
    [not_allowed] The role of whoever signed may not answer.
    [paper_differs] It was signed for another offer.
    [paper_unreadable] The document of the offer is not readable.
    [paper_forged] The document of the offer had been changed.
    [paper_of_others] The document of the offer is another installation's.
    [reason_missing] It says no reason.
    [reason_too_long] Its reason is too long.
    [body_unreadable] It is not readable.
    [body_field_missing] It does not say when it was signed.
   *[other] It does not fit the handoff.
}
sheet_destroyed = destroyed in its time
sheet_stranger = nobody in the chain carries this document
sheet_known = known; whoever answers for them goes on doing so
