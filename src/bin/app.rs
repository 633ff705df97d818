//! Mounts the page.

fn main() {
    mien::ui::mount();
}
