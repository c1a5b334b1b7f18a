letter_offered = To answer: { $giver } offers people to { $receiver }
letter_reminded = Reminder: { $giver }'s offer to { $receiver } waits for an answer
letter_lapsed = Overdue: nobody answered { $giver }'s offer to { $receiver }; a coordinator decides
letter_accepted = Received: { $receiver } has taken over { $count } from { $giver }
letter_exceptions = Received in part: { $receiver } excepts { $count } of { $giver }'s handoff
letter_refused = Refused: { $receiver } does not take over from { $giver }
letter_withdrawn = Withdrawn: { $giver } takes back its offer to { $receiver }
letter_decided = Decided: a coordinator has decided { $giver }'s offer to { $receiver }
letter_extra_found = Extra people: { $count } whom you answer for are with { $receiver }, not on { $giver }'s list
letter_departed = Departed: { $trip }, { $count } aboard, arriving { $arrives }
letter_trip_changed = Trip changed: { $trip } ({ $what })
letter_trip_cancelled = Trip cancelled: { $trip }, was to leave { $departs }
letter_positive = Positive test: somebody you answer for, or did
letter_digest = Night shift: { $organisation }, { $at }
letter_everybody = all organisations
letter_next_answer = Count, then answer: accept, name exceptions or refuse. Silence accepts nothing.
letter_next_decide = Being late accepts nothing: the people stay with the giver until a coordinator decides.
letter_next_stay = Whoever was not received stays with the giver. Please arrange for them.
letter_next_offer = You still answer for these people. Offer them to where they are, or fetch them.
letter_next_receive = Please be ready to receive, and count when they arrive.
letter_next_prepare = Please go by what is said here; the trip's page has its papers as they are now.
letter_next_other_trip = This trip does not go. Whoever had a seat is waiting for another.
letter_next_hold = This person is held and must not move. Look at who rode, roomed and travelled with them.
letter_next_nothing = For your information; nothing to answer.
letter_giver = From
letter_receiver = To
letter_handoff = Handoff
letter_answer_by = Answer by
letter_rung = Step
letter_rung_name = { $rung ->
    [remind] both sides reminded
    [duty_officer] duty officers told
    [coordinator] coordinators told
   *[other] { $rung }
}
letter_lapsed_at = Overdue since
letter_counted = Taken over
letter_exception = { $exception ->
    [missing] missing
    [refused] refused
    [extra] extra
    [wrong_vehicle] wrong vehicle
   *[other] { $exception }
}
letter_reason = Reason
letter_signed_by = Signed by
letter_signed_at = Signed at
letter_decision = Decision
letter_state = { $state ->
    [offered] waits for an answer
    [lapsed] overdue, to be decided
    [accepted] all received
    [accepted_with_exceptions] received in part
    [refused] refused
    [withdrawn] withdrawn
   *[other] { $state }
}
letter_people = People answered for
letter_trip = Trip
letter_plate = Plate
letter_aboard = Aboard
letter_departs_at = Leaves
letter_and = {", "}
letter_what = { $what ->
    [vehicle] Vehicle
    [crew] Crew
    [stops] Stops
    [times] Times
   *[cancelled] Cancelled
}
letter_cause = Cause
letter_changed_by = Changed by
letter_left_at = Left
letter_arrives_at = Expected
letter_test_kind = Test
letter_test = { $test ->
    [nucleic_acid] nucleic acid
    [antibody] antibody
   *[other] { $test }
}
letter_where = Where, when it became known
letter_stock = { $stock ->
    [at_port] at the port
    [in_shanghai] in Shanghai
    [on_road] on the road
    [at_destination] at the destination
    [medical] with a hospital
   *[other] no longer in the network
}
letter_custodian = Answered for by
letter_to_answer = Waiting for your answer
letter_unanswered = Waiting for others' answers
letter_overdue = Of these overdue
letter_arriving = arriving { $arrives }, { $count } aboard
letter_open = Open
letter_footer = Sent by Jiezhuan; please do not reply. All times are Shanghai's.
bad_notice_address = { $channel ->
    [mail] Give one mailbox, such as night@example.cn.
   *[other] Give one URL that begins with https://.
}
notice_cannot_be_muted = Notices of this kind ({ $value }) cannot be turned off: the giver must know.
notice_not_dead = Only a notice that was given up can be sent again; this one is { $state }.
mail_timed_out = The mail server did not answer within { $seconds } seconds.
mail_setting_wrong = This mail setting cannot be used: { $cause }
letter_conflict = Conflict: an offline answer to { $giver }'s offer to { $receiver } came after its end
letter_next_agree = What ended it first stands. Agree who has the people, and hand over again if need be.
letter_stands = What stands
letter_set_aside = Not taken: what a phone of { $receiver } had signed for { $giver }'s offer
letter_next_sign_again = What was signed is kept but does not count; the giver goes on answering for the people. The receiver puts right what is wrong, counts and signs again.
letter_taken_back_at = Key taken back at
daily_title = Daily figures of inbound travellers, { $on } { $year }
daily_sealed = Sealed at { $at } by { $by }. The figures do not change any more.
daily_open = Not sealed (provisional): as recorded by { $at }; the figures may still change.
daily_part = Only people within the reader's scope are counted.
daily_finding = { $landed } landed, { $received } were received, { $released } released; { $charge } in charge at 24:00.
daily_number = Number of the seal
daily_digest = Digest of the sealed document (SHA-256)
daily_ledger = Root of the ledger ({ $on })
daily_page = Page { $n } of { $of }
daily_continued = { $caption } (continued)
pdf_no_font = A PDF cannot be written: no font that can write Chinese was found in { $folders }. Install the package { $package }, or name a folder with { $file } in the setting bulletin.fonts.
daily_balance = Balance
daily_stock = Stock
daily_opening = 00:00
daily_change = Change
daily_closing = 24:00
daily_provinces = By province
daily_cities = By city
daily_city = City
daily_corrections = Corrections
daily_no_corrections = Since the seal before, nothing new has become known of days already sealed.
daily_corrected = Day corrected
daily_known = Became known
daily_what = What
daily_cause = { $kind }: { $n }
kind_landed = Landed
kind_admitted = Admitted
kind_boarded = Boarded
kind_received = Received
kind_relayed = Passed on in the same stock
kind_diverted = Diverted
kind_returned = Returned
kind_reassigned = Reassigned
kind_released = Released
kind_left_network = Left the network
daily_since = As sealed, and now
daily_as_sealed = As sealed
daily_brought = From days before
daily_gross = Gross
daily_net = Net
daily_now = Now
letter_said = What was signed
letter_said_receipt = a receipt
letter_said_refusal = a refusal of all
letter_because = Why it does not count
