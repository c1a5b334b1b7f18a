handoff_ended = This handoff has ended: { $state ->
    [accepted] accepted
    [accepted_with_exceptions] accepted with exceptions
    [refused] refused
    [withdrawn] withdrawn
   *[other] ended
} by { $side } at { $at }.
handoff_lapsed = The deadline passed at { $at } without an answer; a coordinator decides now.
only_receiver_answers = Only the organisation that this was offered to answers.
only_giver_withdraws = Only the organisation that offered this withdraws it.
same_signer = You offered this yourself; somebody else must answer.
deadline_not_passed = The receiver has until { $answer_by } to answer; nobody decides in their place before.
handoff_without_deadline = This handoff has no deadline, so nobody decides in the receiver's place; the giver can withdraw it.
handoff_changed = This handoff has changed since you saw it and still waits for an answer. Look again.
count_first = People of this trip are offered to you. Count heads first; then you see who is on the list.
already_counted = The first count is in already: { $first }. It stays; a recount goes with the answer.
count_below_zero = A count is zero or more.
happens_later = This time lies in the future. Check the clock of your device.
happened_before_offer = This time lies before the offer. Check the clock of your device.
exception_twice = This person is named twice.
extra_is_on_list = This person is on the list, so not an extra.
exception_not_on_list = This person is not on the list; name them as an extra.
count_differs = You counted { $counted }, but the list and the exceptions make { $expected }. Name everybody who differs.
receiver_decides_not = You are the receiver: count, and answer. A coordinator of somebody else decides in your place.
extra_is_already_here = You answer for { $count } of the extras already; they are nobody's exceptions.
reason_too_long = A reason has at most { $most } characters.
answers_for_nobody = You sign for no organisation that is at work.
no_such_receiver = There is no organisation { $organisation } at work.
handoff_to_itself = An organisation cannot hand over to itself.
deadline_has_passed = This deadline has passed already.
nobody_offered = Name at least one person.
others_answer = You do not answer for { $count } of these people; { $custodians } does.
in_another_handoff = Somebody of these is being handed over ({ $handoffs }); that must end first.
party_would_be_split = { $count } of their parties would stay behind. Offer whole parties, or part them first.
term_not_over = The term of { $count } of these people is not over.
release_held = Something holds { $count } of these people; lift the hold first.
held_may_not_board = Something holds { $count } of these people, who may not board: { $travellers }. Name them as exceptions; they stay with the giver.
count_above_seats = You counted { $counted }, but the vehicle has { $seats } seats.
paper_unreadable = This is no document of an offer.
paper_of_others = This document is another installation's.
paper_forged = This document has been changed since it was signed.
paper_differs = The handoff is not what this document says.
period_too_long = A statement covers at most { $days } days.
guest_link_used = This link was used by { $by } at { $at }; it works once.
guest_link_revoked = This link was taken back by { $by } at { $at }. If people are still to be received, ask the giver for another.
guest_link_expired = This link expired at { $at }. Ask the giver ({ $by }) for another.
guest_link_not_yours = Only the giver makes and takes back links, or the receiver's province or a coordinator.
guest_link_expiry = A link must end after now and within { $hours } hours.
guest_code_wrong = The check code is wrong. Ask whoever sent you the link.
guest_name_missing = Give the name of who receives.
guest_name_unreadable = A name has at most 60 characters and no control characters.
receiver_has_accounts = The receiver has accounts and signs in to answer; no link is given out.
obligation_empty = Say what is to be done.
obligation_too_long = It has at most { $most } characters.
obligation_done = This has been done already.
obligation_is_kept = What is owed, and that it was done, is never changed or deleted.
statement_with_itself = Choose another organisation.
not_a_side = Only the two sides sign their statement.
period_not_over = The period is not over; a statement is signed afterwards.
statement_changed = The statement has changed since you saw it. Look again, then sign.
statement_signed = Your side has signed this statement.
statement_is_kept = A statement that was signed is never changed or deleted.
phone_key_unreadable = This is no key of a phone.
phone_key_of_another = The key of this phone is enrolled for somebody else.
phone_key_unknown = Another account signed this on the phone. Sign in with that account to deliver it.
phone_key_taken_back = The key of this phone was taken back on { $at }. What it signed is kept, but does not count: count and sign again on this page.
receipt_forged = The phone's signature does not fit what was signed; it was not taken.
