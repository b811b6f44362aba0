//! A routing process in short: threads that answer INVITEs while an operator changes a list.
//!
//! ```text
//! cargo run --release --example routing
//! ```
//!
//! Two threads take requests from a queue, as a SIP stack would hand them out, and ask what follows for
//! each call. Half-way an entry is added: from the next request on it is obeyed. Some calls of a barred
//! caller are to 112, and all of these go on. Prints how often each response was given.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use callbar::{
    Action, Call, Change, Compiler, DialPlan, E164, Engine, NotFound, Note, Reader, Response,
};

const DOMAIN: &str = "my.example";
const EMERGENCY: &str = "sip:112@pbx.example";
const OTHER: &str = "sip:+905321112233@pbx.example";

/// How often a call to this URI was answered by this code.
type Responses = BTreeMap<(&'static str, u16), usize>;

/// What a thread needs of a request.
struct Invite {
    /// The value of the header `From`.
    from: String,
    /// The request URI.
    uri: &'static str,
}

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::temp_dir().join(format!("callbar-routing-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let mut compiler = Compiler::new(DOMAIN, DialPlan::new("TR")?)?;
    let mut spam = compiler.list("spam", Action::Deny)?;
    spam.extend_e164(&[E164::new(905_050_047_824)?]);
    let engine = Engine::open(&dir)?;
    engine.publish(DOMAIN, &compiler.finish()?.bytes)?;

    let before = route(&engine, 1000)?;
    // On disk, and in force for the next check of every thread and process, when it returns.
    let complaint = Note { reason: Some("complaint 4711"), ..Note::default() };
    let add = Change::add("spam", "0505 004 78 25").with_note(complaint);
    engine.writer()?.change(DOMAIN, &[add])?;
    let after = route(&engine, 1000)?;

    for (when, responses) in [("before", before), ("after", after)] {
        for ((uri, code), times) in responses {
            println!("{when} the change, {times} calls to {uri}: {code}");
        }
    }
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

/// Sends so many requests through two routing threads, and counts the responses.
fn route(engine: &Engine, count: usize) -> Result<Responses, NotFound> {
    let (queue, requests) = mpsc::channel();
    let requests = Mutex::new(requests);
    for call in 0..count {
        let caller = 905_050_047_824 + call as u64 % 4;
        let from =
            format!("\"Caller {call}\" <sip:0{}@gw.example>;tag={call}", caller % 10_000_000_000);
        // Every twentieth call is for help, and from the first caller, who is barred.
        let uri = if call % 20 == 0 { EMERGENCY } else { OTHER };
        // No thread has gone: they end when the queue does.
        let _ = queue.send(Invite { from, uri });
    }
    drop(queue);
    thread::scope(|scope| {
        let worker = || {
            let mut reader = engine.reader(); // one for each thread
            let mut responses = Responses::new();
            let next = || requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
            while let Ok(invite) = next() {
                let code = answer(&mut reader, &invite)?;
                *responses.entry((invite.uri, code)).or_insert(0) += 1;
            }
            Ok(responses)
        };
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(worker)).collect();
        let mut all = Responses::new();
        for thread in threads {
            let counted = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            for (response, times) in counted {
                *all.entry(response).or_insert(0) += times;
            }
        }
        Ok(all)
    })
}

/// The final response to a call.
fn answer(reader: &mut Reader, invite: &Invite) -> Result<u16, NotFound> {
    let call = Call {
        callee: Some(invite.uri.as_bytes()),
        from: Some(invite.from.as_bytes()),
        ..Call::default()
    };
    let decision = reader.decide(DOMAIN, &call)?;
    Ok(decision.response().map_or(200, Response::code))
}
