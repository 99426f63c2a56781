//! The state on disk: a file of changes, one transaction per line.
//!
//! A line is written before its changes are made and before anybody is answered. A process that is killed leaves at
//! worst half a line at the end, which nobody was told of; it is cut off when the file is opened again.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use super::state::{Change, State};
use crate::error::BoxError;

/// The open file.
#[derive(Debug)]
pub(super) struct Journal(File);

impl Journal {
    /// Opens the file, or makes it, and tells what is in it.
    pub(super) fn open(path: &Path) -> Result<(State, Self), BoxError> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut state = State::default();
        let mut complete = 0;
        let mut line = Vec::new();
        let mut reader = BufReader::new(&file);
        while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            let changes: Vec<Change> = serde_json::from_slice(&line)?;
            changes.into_iter().for_each(|change| state.apply(change));
            complete += line.len() as u64;
            line.clear();
        }
        // Half a line of ours begins as a whole one does; anything else is not ours to cut off.
        if !line.is_empty() && !line.starts_with(b"[") {
            return Err("the last line was not written by a simulator".into());
        }
        file.set_len(complete)?;
        file.seek(SeekFrom::End(0))?;
        Ok((state, Self(file)))
    }

    /// Writes a transaction.
    pub(super) fn write(&mut self, changes: &[Change]) -> Result<(), BoxError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut line = serde_json::to_vec(changes)?;
        line.push(b'\n');
        Ok(self.0.write_all(&line)?)
    }
}
