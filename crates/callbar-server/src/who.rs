//! Who makes a request, from where its credential is looked at to where it is logged: each interface
//! looks at it in a place of its own.

use std::cell::OnceCell;

tokio::task_local! {
    static WHO: OnceCell<String>;
}

/// Notes who makes the request that this task answers.
pub(super) fn note(who: &str) {
    // In tests of the parts there is no request.
    let _ = WHO.try_with(|noted| noted.set(who.to_owned()));
}

/// The answer, and who asked if somebody was noted while it was made.
pub(super) async fn of<T>(answer: impl Future<Output = T>) -> (T, Option<String>) {
    let noted = async {
        let answer = answer.await;
        (answer, WHO.with(|who| who.get().cloned()))
    };
    WHO.scope(OnceCell::new(), noted).await
}
