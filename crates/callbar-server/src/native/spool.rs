//! Writes a body of any size to a file before it is read, so that a slow sender keeps nothing waiting.

use std::fs::File;
use std::io::{self, ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::access::credential::Principal;
use crate::app::App;
use crate::error::ApiError;
use callbar_store::{Error, Result};

/// How long a sender may pause.
const PAUSE: Duration = Duration::from_secs(30);
/// Bytes a second that a sender must reach on average, because it holds a permit that others want.
const RATE: u64 = 16 << 10;
/// How often the key of the sender is checked again.
const RECHECK: Duration = Duration::from_secs(2);
/// Room on the disk that uploads leave to changes, which are small. On a small disk, a twentieth of it.
const RESERVE: u64 = 256 << 20;
/// Bytes that are written between two looks at the room.
const STEP: u64 = 1 << 20;
/// Pieces that wait to be written.
const WAITING: usize = 16;

/// Writes the body to a file without a name, and returns the file at its beginning.
///
/// # Errors
/// 413 `body_too_large`, 408 `body_too_slow`, 400 `body_broken`; 401 if the sender may no longer; 503
/// if it cannot be written.
pub(crate) async fn spool(app: &App, caller: &Principal, body: Body) -> Result<File, ApiError> {
    let folder = app.manager().store().path().parent().map_or_else(PathBuf::new, PathBuf::from);
    let (send, pieces) = mpsc::channel(WAITING);
    let write = app.blocking(move || write(folder, pieces));
    let receive = receive(app, caller, body, send);
    let (received, written) = tokio::join!(receive, write);
    received?;
    Ok(written?)
}

async fn receive(
    app: &App,
    caller: &Principal,
    mut body: Body,
    send: mpsc::Sender<Bytes>,
) -> Result<(), ApiError> {
    let (all, start) = (app.options().import_max, Instant::now());
    let (mut left, mut checked) = (all, start);
    loop {
        // A refused upload must not hold its permit.
        if checked.elapsed() > RECHECK {
            app.recheck(caller)?;
            checked = Instant::now();
        }
        let slow = |_| {
            let message = "nothing arrived for 30 seconds, or less than 16 KiB a second";
            let remedy = "send without a pause";
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", message, remedy)
        };
        let latest = start + PAUSE + Duration::from_secs((all - left) / RATE);
        let latest = latest.min(Instant::now() + PAUSE);
        let frame = match tokio::time::timeout_at(latest, body.frame()).await.map_err(slow)? {
            None => return Ok(()),
            Some(frame) => frame.map_err(|_| {
                let message = "the body ended early";
                let remedy = "send the whole body";
                ApiError::new(StatusCode::BAD_REQUEST, "body_broken", message, remedy)
            })?,
        };
        let Ok(piece) = frame.into_data() else { continue };
        left = left.checked_sub(piece.len() as u64).ok_or_else(|| {
            ApiError::too_large("an import has a bound, and this is more: split it")
        })?;
        // If the writer has failed, it returns why. The sender learns it when all is sent.
        let _ = send.send(piece).await;
    }
}

/// # Errors
/// [`ErrorKind::StorageFull`] if what is left is kept for others.
fn refuse_last_room(folder: &Path) -> io::Result<()> {
    let disk = rustix::fs::statvfs(folder)?;
    let (free, all) = (disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize);
    if free < RESERVE.min(all / 20) { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
}

fn write(folder: PathBuf, mut pieces: mpsc::Receiver<Bytes>) -> Result<File> {
    let mut write = || {
        let mut file = tempfile::tempfile_in(&folder)?;
        let mut left = 0;
        while let Some(piece) = pieces.blocking_recv() {
            if left < piece.len() as u64 {
                refuse_last_room(&folder)?;
                left = STEP;
            }
            left = left.saturating_sub(piece.len() as u64);
            file.write_all(&piece)?;
        }
        file.rewind()?;
        Ok(file)
    };
    let written = write();
    written.map_err(Error::io("write", folder))
}
