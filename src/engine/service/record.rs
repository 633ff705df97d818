//! What is read of faces, kept for as long as a person wants it.

use std::cell::Ref;

use super::{Answer, Service, refused};
use crate::engine::protocol::{Failure, Outcome, Recorded};
use crate::live::{Record, record_csv, subtitles, summary_csv};

/// No picture of a time line is wider.
const MOST_COLUMNS: usize = 4096;

impl Service {
    /// Begins a record of what the model reads, anew.
    pub(super) async fn begin_record(&self, zero: f64) -> Answer {
        let label_set = self.live_label_set().await?;
        self.record.replace(Some(Record::new(label_set, zero)));
        Ok((Outcome::Done, None))
    }

    pub(super) fn end_record(&self) -> Answer {
        self.record.borrow_mut().iter_mut().for_each(Record::end);
        Ok((Outcome::Done, None))
    }

    pub(super) fn forget_record(&self) -> Answer {
        self.record.replace(None);
        Ok((Outcome::Done, None))
    }

    pub(super) fn mark_record(&self, time: f64, text: &str) -> Answer {
        self.record.borrow_mut().as_mut().ok_or_else(nothing)?.mark(time, text);
        Ok((Outcome::Done, None))
    }

    pub(super) fn show_record(&self, span: Option<(f64, f64)>, columns: usize) -> Answer {
        let record = self.recorded()?;
        let tracks = record.summaries(self.least());
        let span = span.unwrap_or_else(|| record.span());
        let columns = columns.min(MOST_COLUMNS);
        let bands = tracks.iter().map(|of| record.bands(of.track, span.0..span.1, columns)).collect();
        let recorded = Recorded {
            label_set: record.label_set().clone(),
            has_ended: record.has_ended(),
            readings: record.len(),
            tracks,
            marks: record.marks().to_vec(),
            span,
            bands,
        };
        Ok((Outcome::Recorded(recorded), None))
    }

    pub(super) fn record_table(&self) -> Result<Vec<u8>, Failure> {
        record_csv(&*self.recorded()?, self.least()).map_err(refused)
    }

    pub(super) fn record_summary(&self) -> Result<Vec<u8>, Failure> {
        summary_csv(&*self.recorded()?, self.least()).map_err(refused)
    }

    pub(super) fn record_subtitles(&self) -> Result<Vec<u8>, Failure> {
        Ok(subtitles(&*self.recorded()?, self.least()).into_bytes())
    }

    fn recorded(&self) -> Result<Ref<'_, Record>, Failure> {
        Ref::filter_map(self.record.borrow(), Option::as_ref).map_err(|_| nothing())
    }

    fn least(&self) -> f32 {
        self.live_settings.get().least
    }
}

fn nothing() -> Failure {
    refused("Nothing was recorded: begin a record first.")
}
