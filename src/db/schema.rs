//! The tables, as both migrations make them; a test compares the three. Columns that engines keep differently have one type here.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    events (seq) {
        seq -> BigInt,
        at -> Instant,
        kind -> Text,
        subject -> Key,
        place -> Nullable<Text>,
        facts -> Document,
        is_told -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    idempotency_keys (user_id, key) {
        user_id -> Key,
        key -> Text,
        request_hash -> Binary,
        status -> Integer,
        body -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    users (id) {
        id -> Key,
        name -> Text,
        display_name -> Text,
        role -> Text,
        scope -> Text,
        organisation -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        created_at -> Instant,
        disabled_at -> Nullable<Instant>,
        language -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    tokens (id) {
        id -> Key,
        user_id -> Key,
        kind -> Text,
        digest -> Binary,
        label -> Text,
        created_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    audit (seq) {
        seq -> BigInt,
        at -> Instant,
        user_id -> Nullable<Key>,
        actor -> Text,
        deed -> Text,
        subject -> Text,
        subject_id -> Key,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    organisations (id) {
        id -> Key,
        code -> Text,
        kind -> Text,
        name_zh -> Text,
        name_en -> Text,
        place -> Text,
        parent -> Nullable<Text>,
        active -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    policies (id) {
        id -> Key,
        name -> Text,
        version -> Integer,
        digest -> Binary,
        definition -> Document,
        registered_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    rule_editions (id) {
        id -> Key,
        part -> Text,
        number -> Integer,
        text -> Text,
        reason -> Text,
        loaded_by -> Text,
        loaded_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    flights (id) {
        id -> Key,
        flight_no -> Text,
        port -> Text,
        landed_on -> Date,
        landed_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    rosters (id) {
        id -> Key,
        digest -> Binary,
        kind -> Text,
        started_at -> Instant,
        finished_at -> Nullable<Instant>,
        imported_by -> Text,
        n_rows -> Integer,
        n_new -> Integer,
        n_same -> Integer,
        n_changed -> Integer,
        n_rejected -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    roster_notes (roster_id, seq) {
        roster_id -> Key,
        seq -> Integer,
        line -> Integer,
        is_problem -> Bool,
        column_name -> Nullable<Text>,
        code -> Text,
        message_zh -> Text,
        message_en -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    roster_drafts (id) {
        id -> Key,
        user_id -> Key,
        file_name -> Text,
        content_key -> Binary,
        content -> Binary,
        changed_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    travellers (id) {
        id -> Key,
        flight_id -> Key,
        party_id -> Key,
        document_hash -> Binary,
        nationality -> Text,
        journey -> Integer,
        name_hash -> Binary,
        name_key -> Nullable<Binary>,
        latin_key -> Nullable<Binary>,
        identity_key -> Nullable<Binary>,
        identity -> Nullable<Binary>,
        seat -> Nullable<Text>,
        destination -> Nullable<Text>,
        city -> Nullable<Text>,
        province -> Nullable<Text>,
        transfer_to -> Nullable<Text>,
        policy -> Nullable<Text>,
        policy_version -> Nullable<Integer>,
        landed_at -> Instant,
        border_at -> Nullable<Instant>,
        checked_in_at -> Nullable<Instant>,
        exposed_on -> Nullable<Date>,
        home_approved -> Bool,
        transfer_on -> Nullable<Date>,
        release_on -> Nullable<Date>,
        roster_id -> Nullable<Key>,
        roster_line -> Nullable<Integer>,
        stock -> Text,
        custodian_id -> Nullable<Key>,
        custody_seq -> Integer,
        custody_hash -> Binary,
        version -> Integer,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    traveller_changes (traveller_id, version) {
        traveller_id -> Key,
        version -> Integer,
        at -> Instant,
        changed_by -> Text,
        roster_id -> Nullable<Key>,
        roster_line -> Nullable<Integer>,
        fields -> Text,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    test_results (id) {
        id -> Key,
        traveller_id -> Nullable<Key>,
        document_hash -> Binary,
        kind -> Text,
        result -> Text,
        sampled_at -> Instant,
        lab -> Nullable<Text>,
        recorded_at -> Instant,
        recorded_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    holds (id) {
        id -> Key,
        traveller_id -> Key,
        party_id -> Key,
        kind -> Text,
        reason -> Text,
        set_at -> Instant,
        set_by -> Text,
        lifted_at -> Nullable<Instant>,
        lifted_by -> Nullable<Text>,
        lifted_because -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    custody_entries (traveller_id, seq) {
        traveller_id -> Key,
        seq -> Integer,
        kind -> Text,
        from_custodian -> Nullable<Key>,
        to_custodian -> Nullable<Key>,
        from_stock -> Nullable<Text>,
        to_stock -> Text,
        province -> Nullable<Text>,
        city -> Nullable<Text>,
        policy -> Nullable<Text>,
        happened_at -> Instant,
        recorded_at -> Instant,
        actor -> Text,
        act_id -> Key,
        prev_hash -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    custody_flows (id) {
        id -> BigInt,
        happened_on -> Date,
        recorded_at -> Instant,
        is_late -> Bool,
        province -> Nullable<Text>,
        city -> Nullable<Text>,
        policy -> Nullable<Text>,
        kind -> Text,
        from_stock -> Nullable<Text>,
        to_stock -> Nullable<Text>,
        n -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    vehicles (id) {
        id -> Key,
        plate -> Text,
        kind -> Text,
        seats -> Integer,
        front_seats -> Integer,
        load_cap -> Integer,
        wheelchairs -> Integer,
        organisation_id -> Key,
        permit_no -> Nullable<Text>,
        permit_expires_on -> Nullable<Date>,
        in_service -> Bool,
        version -> Integer,
        contact_cap -> Integer,
        infants -> Integer,
        luggage -> Integer,
        depot_id -> Nullable<Key>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    staff (id) {
        id -> Key,
        badge -> Text,
        identity_key -> Nullable<Binary>,
        identity -> Nullable<Binary>,
        role -> Text,
        licence -> Nullable<Text>,
        organisation_id -> Key,
        in_service -> Bool,
        version -> Integer,
        depot_id -> Nullable<Key>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    trips (id) {
        id -> Key,
        number -> Text,
        on_date -> Date,
        state -> Text,
        vehicle_id -> Key,
        province -> Text,
        departs_at -> Instant,
        arrives_at -> Instant,
        load_cap -> Integer,
        disinfection_min -> Integer,
        departed_at -> Nullable<Instant>,
        arrived_at -> Nullable<Instant>,
        cancelled_because -> Nullable<Text>,
        created_by -> Text,
        created_at -> Instant,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    trip_numbers (on_date) {
        on_date -> Date,
        last -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    trip_legs (trip_id, n) {
        trip_id -> Key,
        n -> Integer,
        from_organisation -> Key,
        to_organisation -> Key,
        departs_at -> Instant,
        arrives_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    trip_crew (trip_id, staff_id) {
        trip_id -> Key,
        staff_id -> Key,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    trip_seats (trip_id, traveller_id) {
        trip_id -> Key,
        traveller_id -> Key,
        seat_no -> Integer,
        is_taken -> Bool,
        waived_by -> Nullable<Text>,
        waived_because -> Nullable<Text>,
        given_by -> Text,
        given_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    bookings (id) {
        id -> Key,
        trip_id -> Nullable<Key>,
        resource_id -> Key,
        starts_at -> Instant,
        ends_at -> Instant,
        is_cancelled -> Bool,
        because -> Nullable<Text>,
        booked_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    handoffs (id) {
        id -> Key,
        trip_id -> Nullable<Key>,
        from_organisation -> Key,
        to_organisation -> Key,
        state -> Text,
        list_digest -> Binary,
        n_people -> Integer,
        offered_by -> Text,
        offered_by_user -> Nullable<Key>,
        offered_at -> Instant,
        answer_by -> Nullable<Instant>,
        first_count -> Nullable<Integer>,
        lapsed_at -> Nullable<Instant>,
        answered_by -> Nullable<Text>,
        answered_by_user -> Nullable<Key>,
        answered_at -> Nullable<Instant>,
        is_on_behalf -> Bool,
        counted -> Nullable<Integer>,
        happened_at -> Nullable<Instant>,
        reason -> Nullable<Text>,
        version -> Integer,
        next_rung -> Nullable<Text>,
        next_rung_at -> Nullable<Instant>,
        answered_link -> Nullable<Key>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    obligations (id) {
        id -> Key,
        traveller_id -> Key,
        kind -> Text,
        words -> Binary,
        due_at -> Nullable<Instant>,
        added_by -> Text,
        added_for -> Key,
        added_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    obligation_deeds (obligation_id) {
        obligation_id -> Key,
        done_by -> Text,
        done_for -> Key,
        done_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    statements (id) {
        id -> Key,
        one_id -> Key,
        other_id -> Key,
        from_date -> Date,
        to_date -> Date,
        body -> Text,
        digest -> Binary,
        frozen_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    statement_signatures (statement_id, n) {
        statement_id -> Key,
        n -> Integer,
        organisation_id -> Key,
        signed_by -> Text,
        signed_by_user -> Nullable<Key>,
        signed_at -> Instant,
        refused_because -> Nullable<Text>,
        signature -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    destructions (id) {
        id -> Key,
        ended_before -> Date,
        destroyed_at -> Instant,
        destroyed_by -> Text,
        n -> Integer,
        digest -> Binary,
        signature -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    root_receipts (on_date, organisation_id) {
        on_date -> Date,
        organisation_id -> Key,
        chain -> Binary,
        kept_by -> Text,
        kept_at -> Instant,
        signature -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    phone_keys (id) {
        id -> Key,
        user_id -> Key,
        public_key -> Binary,
        enrolled_at -> Instant,
        taken_back_at -> Nullable<Instant>,
        session_id -> Nullable<Key>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Instant, Key};

    named_documents (id) {
        id -> Key,
        handoff_id -> Key,
        traveller_id -> Nullable<Key>,
        document_key -> Nullable<Binary>,
        document -> Nullable<Binary>,
        named_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    signed_receipts (id) {
        id -> Key,
        handoff_id -> Key,
        key_id -> Key,
        said -> Text,
        signature -> Binary,
        is_merged -> Bool,
        delivered_at -> Instant,
        because -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    guest_links (id) {
        id -> Key,
        handoff_id -> Key,
        token_digest -> Binary,
        code_digest -> Binary,
        made_by -> Text,
        made_at -> Instant,
        expires_at -> Instant,
        failures -> Integer,
        failed_at -> Nullable<Instant>,
        ended -> Nullable<Text>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    handoff_people (handoff_id, traveller_id) {
        handoff_id -> Key,
        traveller_id -> Key,
        is_open -> Bool,
        outcome -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    ledger_roots (on_date) {
        on_date -> Date,
        n_entries -> BigInt,
        root -> Binary,
        previous -> Binary,
        chain -> Binary,
        sealed_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    counter_handoffs (handoff_id, traveller_id) {
        handoff_id -> Key,
        traveller_id -> Key,
        custodian_id -> Key,
        receiver_id -> Key,
        asked_at -> Instant,
        offered_in -> Nullable<Key>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    notice_addresses (id) {
        id -> Key,
        organisation_id -> Nullable<Key>,
        channel -> Text,
        address -> Text,
        post -> Text,
        language -> Text,
        muted -> Text,
        added_by -> Text,
        added_at -> Instant,
        removed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    notices (id) {
        id -> Key,
        address_id -> Key,
        kind -> Text,
        occasion -> Text,
        news -> Document,
        state -> Text,
        attempts -> Integer,
        due_at -> Nullable<Instant>,
        created_at -> Instant,
        sent_at -> Nullable<Instant>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    day_stocks (on_date, province, city, policy, stock) {
        on_date -> Date,
        province -> Text,
        city -> Text,
        policy -> Text,
        stock -> Text,
        n -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    day_stocks_mark (id) {
        id -> Integer,
        closed_through -> Date,
        flow_id -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    keyring (id) {
        id -> Integer,
        fingerprint -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    proposals (id) {
        id -> Key,
        on_date -> Date,
        scope -> Text,
        state -> Text,
        seconds -> Integer,
        progress -> Integer,
        is_stop_wanted -> Bool,
        searcher_id -> Nullable<Key>,
        seen_at -> Instant,
        day -> Document,
        plan -> Nullable<Document>,
        trips -> Nullable<Document>,
        started_by -> Text,
        started_at -> Instant,
        changed_by -> Text,
        changed_at -> Instant,
        version -> Integer,
        causes -> Nullable<Document>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Instant, Key};

    trip_drives (trip_id, n) {
        trip_id -> Key,
        n -> Integer,
        staff_id -> Key,
        from_organisation -> Key,
        to_organisation -> Key,
        starts_at -> Instant,
        ends_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Document, Instant, Key};

    workers (id) {
        id -> Key,
        seen_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Instant, Key};

    day_seals (on_date) {
        on_date -> Date,
        id -> Key,
        number -> Integer,
        flow_id -> BigInt,
        sealed_at -> Instant,
        document -> Text,
        digest -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Instant, Key};

    site_nights (site_id, night) {
        site_id -> Key,
        night -> Date,
        beds -> Integer,
        confirmed_by -> Text,
        confirmed_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Instant, Key};

    bed_promises (trip_id, site_id) {
        trip_id -> Key,
        site_id -> Key,
        night -> Date,
        n_people -> Integer,
        promised_by -> Text,
        promised_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Instant, Key};

    trip_changes (id) {
        id -> Key,
        trip_id -> Key,
        at -> Instant,
        changed_by -> Text,
        what -> Text,
        before -> Text,
        after -> Text,
        because -> Nullable<Text>,
        causes -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Instant, Key};

    ride_needs (traveller_id) {
        traveller_id -> Key,
        wheelchair -> Bool,
        child_seat -> Bool,
        luggage -> Integer,
        said_by -> Text,
        said_at -> Instant,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    ride_needs,
    trip_changes,
    site_nights,
    bed_promises,
    events,
    idempotency_keys,
    users,
    tokens,
    audit,
    organisations,
    policies,
    rule_editions,
    flights,
    rosters,
    roster_notes,
    roster_drafts,
    travellers,
    traveller_changes,
    test_results,
    holds,
    custody_entries,
    custody_flows,
    vehicles,
    staff,
    trips,
    trip_numbers,
    trip_legs,
    trip_crew,
    trip_seats,
    trip_drives,
    proposals,
    bookings,
    handoffs,
    handoff_people,
    guest_links,
    obligations,
    obligation_deeds,
    statements,
    statement_signatures,
    root_receipts,
    destructions,
    phone_keys,
    signed_receipts,
    named_documents,
    ledger_roots,
    counter_handoffs,
    notice_addresses,
    notices,
    day_stocks,
    day_stocks_mark,
    day_seals,
    workers,
);
