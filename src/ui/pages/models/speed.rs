//! How fast this device is with every network.

use leptos::prelude::*;

use crate::engine::protocol::{SPEED_BATCH, Speed};
use crate::ui::components::{ActivityLine, Scroll};
use crate::ui::session::{Activity, Measured, Session};

/// Heights and widths that can be measured: that of FER2013's faces, one at which pre-trained networks are fine-tuned here, and the
/// one they were trained at.
const SIZES: [u32; 3] = [48, 96, 224];

/// The button, and what came of it.
#[component]
pub fn Speeds() -> impl IntoView {
    let session = Session::here();
    let measuring = session.measuring;
    let size = RwSignal::new(SIZES[0]);
    let hindrance = Memo::new(move |_| session.hindrance());
    let disabled = move || hindrance.with(Option::is_some);
    // That it measures, its own line says.
    let why = move || hindrance.get().filter(|_| !measuring.activity.with(Activity::is_running));
    let pick = move |event| {
        if let Ok(picked) = event_target_value(&event).parse() {
            size.set(picked);
        }
    };
    let option = |size: u32| view! { <option value=size.to_string()>{format!("{size} x {size} pixels")}</option> };
    view! {
        <section aria-labelledby="speed-title" class="speed">
            <h2 id="speed-title">"How fast is this device?"</h2>
            <p class="reading">
                "Measures every network here, with weights that were drawn: one image alone, " {SPEED_BATCH}
                " at once or as many as fit, and a training of the whole network. Half a minute for small images, minutes for large ones."
            </p>
            <div class="fields">
                <label class="field">
                    <span>"Images"</span>
                    <select data-testid="speed-size" on:change=pick>{SIZES.map(option).into_iter().collect_view()}</select>
                </label>
            </div>
            <div class="actions">
                <button type="button" data-testid="speed-run" aria-describedby="speed-why" disabled=disabled
                    on:click=move |_| session.measure_speed(size.get_untracked())>"Measure"</button>
            </div>
            <p id="speed-why" class="quiet">{why}</p>
            <ActivityLine activity=measuring.activity testid="speed-status" name="Measurement" doing="measuring" />
            {move || Some(measuring.measured.get()).filter(|measured| !measured.speeds.is_empty()).map(table)}
        </section>
    }
}

fn table(Measured { device, size, speeds }: Measured) -> impl IntoView {
    let row = |speed: Speed| {
        // A multiplication and an addition each.
        let rate = 2.0 * speed.multiplications as f64 / speed.together / 1e9;
        view! {
            <tr>
                <th scope="row">{speed.label}</th>
                <td>{milliseconds(speed.alone)}</td>
                <td>{milliseconds(speed.together)}</td>
                <td>{format!("{rate:.1}")}</td>
                <td>{speed.training.map_or("too large to try".into(), |rate| format!("{rate:.1}"))}</td>
            </tr>
        }
    };
    let head = |words: &'static str| view! { <th scope="col">{words}</th> };
    let heads = ["network", "an image alone, ms", "many at once, ms each", "GFLOP/s", "images a second in training"];
    let one_core = "On the CPU this is one core: a training by batches of 32 and more uses several.";
    view! {
        <Scroll label="How fast this device is">
            <table class="figures" data-testid="speeds">
                <thead><tr>{heads.map(head).into_iter().collect_view()}</tr></thead>
                <tbody>{speeds.into_iter().map(row).collect_view()}</tbody>
            </table>
        </Scroll>
        <p class="quiet">
            {device.backend.clone()} ": " {device.description} ". Images of " {size} " x " {size}
            " pixels. GFLOP/s counts the network's multiplications and additions, whatever is really executed. "
            {(device.backend == "CPU").then_some(one_core)}
        </p>
    }
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.1}", 1e3 * seconds)
}
