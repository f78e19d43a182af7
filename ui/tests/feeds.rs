//! What is said of feeds where trends are listed.

use chimera_domain::{Clock, Safe, testing::ManualClock};

use super::Rig;
use crate::fake;

// R28: a feed that nobody polls is told as stale where trends are listed, one by one and put together, with rows and without:
// an empty list says why it is empty, and never that there are no trends.
#[test]
fn r28_a_stale_feed_is_no_quiet_hour() {
    let now = ManualClock::new().now();
    for keys in ["1", "1 L"] {
        for is_empty in [false, true] {
            let mut world = match is_empty {
                true => fake::empty(now),
                false => fake::normal(now, None),
            };
            world.overview.resources_failing.clear();
            world.overview.resources_stale = vec![Safe::line("wire/feed")];
            let mut rig = Rig::new(120, 40, world);
            rig.press("z");
            for key in keys.split(' ') {
                rig.press(key);
                rig.serve();
            }
            assert!(rig.says("STALE: wire/feed"), "{}", rig.picture());
            assert_eq!(rig.says("feed `wire/feed` is STALE"), is_empty);
        }
    }
}
