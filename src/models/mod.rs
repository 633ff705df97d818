//! Backbones, the multi-task head, and model files.
