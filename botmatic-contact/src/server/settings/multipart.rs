//! A form with files, as a browser posts it.

use axum::extract::Multipart;
use axum::extract::multipart::Field;
use axum::http::StatusCode;

use crate::settings::{Entry, Form, Input, Submission, Upload};

/// Reads all parts. A file that is larger than its field takes is counted, not kept.
pub(super) async fn read(mut parts: Multipart, form: &Form) -> Result<Submission, StatusCode> {
    let mut submission = Submission::default();
    while let Some(part) = parts.next_field().await.map_err(|error| error.status())? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        let entry = if part.file_name().is_some() {
            let limit = match form.field(&name).map(crate::settings::Field::input) {
                Some(Input::Upload { max_size, .. }) => *max_size,
                _ => 0,
            };
            Entry::Upload(upload(part, limit).await?)
        } else {
            Entry::Text(part.text().await.map_err(|error| error.status())?)
        };
        submission.push(name, entry);
    }
    Ok(submission)
}

async fn upload(mut part: Field<'_>, limit: u64) -> Result<Upload, StatusCode> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let content_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
    let (mut content, mut size) = (Vec::new(), 0_u64);
    while let Some(chunk) = part.chunk().await.map_err(|error| error.status())? {
        size = size.saturating_add(chunk.len() as u64);
        if size <= limit {
            content.extend_from_slice(&chunk);
        } else {
            content = Vec::new();
        }
    }
    Ok(Upload::received(&name, content_type, content, size))
}
