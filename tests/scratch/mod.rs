//! A storage folder on the disk that is gone when the test is over.

#![allow(dead_code)]

use std::path::PathBuf;

use mien::engine::protocol::{Command, DeviceChoice};
use mien::engine::storage::{Folder, Storage};

use crate::journey::Engine;

pub struct Scratch(PathBuf);

impl Scratch {
    /// An empty one; `name` is the test's own.
    pub fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("mien-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Scratch(path)
    }

    /// A path within it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What is kept in a folder within it.
    pub fn storage(&self, name: &str) -> Storage {
        Storage::at(Folder::at(self.path(name)).unwrap())
    }

    /// An engine that has opened what is kept there.
    pub async fn engine(&self) -> Engine {
        let engine = Engine::start_with(DeviceChoice::Cpu, Storage::at(Folder::at(&self.0).unwrap())).await;
        engine.ask(Command::Restore).await;
        engine
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
