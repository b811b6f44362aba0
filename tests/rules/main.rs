//! Prevents: a verdict or an explanation other than the rules say, whatever was changed before.
//!
//! Any lists of any domains, any changes of them, and after each the answer to any call is that of
//! a model which scans plain vectors from front to end. Only what makes a text canonical is the
//! library's; what a pattern holds and what comes before what is told once more, in `entry` and
//! `judge`.

mod answer;
mod compiled;
mod entry;
mod generate;
mod judge;
mod model;
mod world;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_compiled_index_answers_as_the_model(
        base in generate::base(), questions in generate::questions()
    ) {
        compiled::agrees(&base, &questions);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_engine_answers_as_the_model_after_any_changes(story in generate::story()) {
        world::agrees(&story);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn an_engine_answers_as_the_model_through_many_layers(story in generate::tall_story()) {
        world::agrees(&story);
    }
}
