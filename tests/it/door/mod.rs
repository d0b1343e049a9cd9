//! The one door: whatever can go wrong on the way in, once for every source. A new source adds a [`Way`] and must pass all of it.
//!
//! The tests know no source. Each has a district with the good sample in it, puts files where the sender puts them, hands them over, and
//! looks at what came of it.

mod cases;
mod way;

use way::Way;

/// Every case for every way in.
macro_rules! every_way {
    ($($case:ident),+ $(,)?) => {
        mod command_line {
            $(#[test] fn $case() { super::cases::$case(super::Way::CommandLine) })+
        }
        mod drop_folder {
            $(#[test] fn $case() { super::cases::$case(super::Way::DropFolder) })+
        }
    };
}

every_way! {
    a_half_written_set_is_refused_and_taken_once_it_is_whole,
    a_file_that_is_cut_off_is_refused_and_nobody_is_removed,
    the_same_set_twice_changes_nothing,
    a_set_that_is_too_large_is_refused_and_nothing_of_it_is_kept,
    a_zip_with_too_many_files_is_refused,
    a_link_out_of_the_folder_is_not_followed,
    names_that_mean_harm_are_harmless,
    a_file_that_is_overwritten_while_it_is_read_is_taken_as_it_was_at_one_moment_or_not_at_all,
    the_same_set_handed_over_twice_at_once_is_applied_once,
}
