//! Which seats a party is given: together, and on benches of their own for as long as there are any. Knows numbers only.

use std::collections::BTreeSet;

/// Gives each party as many of the free seats 1 to `front_seats` as it has people; none if there are too few. The answer is in
/// the order of `parties`.
///
/// Larger parties choose first. Each is given, by preference, neighbouring seats that begin a bench of two which nobody else
/// sits on; neighbouring seats; any seats.
pub fn assign(front_seats: i32, taken: &BTreeSet<i32>, parties: &[usize]) -> Option<Vec<Vec<i32>>> {
    let mut free: BTreeSet<i32> = (1..=front_seats).filter(|seat| !taken.contains(seat)).collect();
    let mut order: Vec<usize> = (0..parties.len()).collect();
    order.sort_by_key(|party| std::cmp::Reverse(parties[*party]));
    let mut seats = vec![Vec::new(); parties.len()];
    for party in order {
        let size = parties[party];
        let run = |first: i32| (first..).take(size);
        let all_free = |first: &i32| run(*first).all(|seat| free.contains(&seat));
        // Seats 1 and 2, 3 and 4 share a bench. The last person of an odd party has the neighbouring seat free, too.
        let has_own_benches = |first: &i32| first % 2 == 1 && all_free(first) && (size.is_multiple_of(2) || free.contains(&(first + size as i32)));
        let first = free.iter().copied().find(has_own_benches).or_else(|| free.iter().copied().find(all_free));
        let chosen: Vec<i32> = first.map_or_else(|| free.iter().copied().take(size).collect(), |first| run(first).collect());
        if chosen.len() < size {
            return None;
        }
        chosen.iter().for_each(|seat| {
            free.remove(seat);
        });
        seats[party] = chosen;
    }
    Some(seats)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parties_sit_together_and_strangers_on_benches_of_their_own() {
        assert_eq!(assign(40, &BTreeSet::new(), &[1, 3, 1, 2]), Some(vec![vec![7], vec![1, 2, 3], vec![9], vec![5, 6]]));
    }

    #[test]
    fn when_benches_run_out_the_places_beside_strangers_are_given() {
        assert_eq!(assign(4, &BTreeSet::from([1]), &[1, 1, 1]), Some(vec![vec![3], vec![2], vec![4]]));
        assert_eq!(assign(4, &BTreeSet::from([2]), &[3]), Some(vec![vec![1, 3, 4]]), "a party is seated apart rather than not at all");
        assert_eq!(assign(4, &BTreeSet::from([1, 2]), &[3]), None);
    }

    proptest! {
        #[test]
        fn nobody_is_given_a_seat_that_is_taken_or_at_the_back(
            front_seats in 1..60_i32,
            taken in proptest::collection::btree_set(1..60_i32, 0..30),
            parties in proptest::collection::vec(1..6_usize, 0..12),
        ) {
            let n_free = (1..=front_seats).filter(|seat| !taken.contains(seat)).count();
            let assigned = assign(front_seats, &taken, &parties);
            prop_assert_eq!(assigned.is_some(), parties.iter().sum::<usize>() <= n_free);
            let Some(assigned) = assigned else { return Ok(()) };
            prop_assert_eq!(assigned.iter().map(Vec::len).collect::<Vec<_>>(), parties);
            let all: Vec<i32> = assigned.concat();
            prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
            prop_assert!(all.iter().all(|seat| (1..=front_seats).contains(seat) && !taken.contains(seat)));
        }
    }
}
