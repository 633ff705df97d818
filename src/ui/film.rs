//! A camera, a screen or a film: what moves in a video element, picture by picture.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The longer side of the pictures that are read, pixels: enough for faces from a twentieth of it.
const LONGEST: f64 = 640.0;

// web-sys would be built anew with these, and everything that stands on it.
#[wasm_bindgen]
extern "C" {
    type Global;
    #[wasm_bindgen(method, getter, js_name = mediaDevices)]
    fn media_devices(this: &Global) -> Option<Devices>;
    #[wasm_bindgen(js_namespace = globalThis, js_name = createImageBitmap)]
    fn create_image_bitmap(source: &Film, options: &JsValue) -> Promise;

    type Devices;
    #[wasm_bindgen(method, js_name = getUserMedia)]
    fn get_user_media(this: &Devices, constraints: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = enumerateDevices)]
    fn enumerate_devices(this: &Devices) -> Promise;
    #[wasm_bindgen(method, getter, js_name = getDisplayMedia)]
    fn display_media(this: &Devices) -> Option<Function>;

    /// What a camera or a screen sends.
    #[derive(Clone)]
    pub type Stream;
    #[wasm_bindgen(method, js_name = getTracks)]
    fn tracks(this: &Stream) -> Array;

    type Track;
    #[wasm_bindgen(method)]
    fn stop(this: &Track);
    #[wasm_bindgen(method, setter, js_name = onended)]
    fn set_on_ended(this: &Track, hear: &Function);

    /// A video element.
    #[derive(Clone)]
    pub type Film;
    #[wasm_bindgen(method, setter, js_name = srcObject)]
    fn set_stream(this: &Film, stream: &JsValue);
    #[wasm_bindgen(method, setter, js_name = src)]
    fn set_address(this: &Film, address: &str);
    #[wasm_bindgen(method)]
    fn play(this: &Film) -> Promise;
    /// Holds it.
    #[wasm_bindgen(method)]
    pub fn pause(this: &Film);
    #[wasm_bindgen(method, getter, js_name = currentTime)]
    fn current_time(this: &Film) -> f64;
    #[wasm_bindgen(method, setter, js_name = currentTime)]
    fn set_current_time(this: &Film, seconds: f64);
    #[wasm_bindgen(method, getter, js_name = playbackRate)]
    fn playback_rate(this: &Film) -> f64;
    #[wasm_bindgen(method, setter, js_name = playbackRate)]
    fn set_playback_rate(this: &Film, rate: f64);
    #[wasm_bindgen(method, getter)]
    fn duration(this: &Film) -> f64;
    /// Whether it is on its way to another moment: what it shows is still of the one before.
    #[wasm_bindgen(method, getter, js_name = seeking)]
    pub fn is_winding(this: &Film) -> bool;
    /// Whether it has come to its end.
    #[wasm_bindgen(method, getter, js_name = ended)]
    pub fn has_ended(this: &Film) -> bool;
    #[wasm_bindgen(method, js_name = getVideoPlaybackQuality)]
    fn quality(this: &Film) -> Quality;
    #[wasm_bindgen(method, getter, js_name = videoWidth)]
    fn width(this: &Film) -> f64;
    #[wasm_bindgen(method, getter, js_name = videoHeight)]
    fn height(this: &Film) -> f64;
    #[wasm_bindgen(method, js_name = requestVideoFrameCallback)]
    fn request_frame(this: &Film, hear: &Function) -> i32;
    #[wasm_bindgen(method, js_name = cancelVideoFrameCallback)]
    fn cancel_frame(this: &Film, number: i32);

    type Quality;
    #[wasm_bindgen(method, getter, js_name = droppedVideoFrames)]
    fn dropped(this: &Quality) -> f64;

    /// What the browser tells of a picture that it shows (WICG, *HTMLVideoElement.requestVideoFrameCallback()*).
    pub type Shown;
    #[wasm_bindgen(method, getter, js_name = mediaTime)]
    fn media_time(this: &Shown) -> f64;
    #[wasm_bindgen(method, getter, js_name = presentedFrames)]
    fn presented(this: &Shown) -> f64;

    #[wasm_bindgen(extends = js_sys::Error)]
    type Refusal;
    #[wasm_bindgen(method, getter)]
    fn name(this: &Refusal) -> String;
}

/// Hears of pictures: when, and what is told of them, where the browser tells something.
pub type Hearing = Closure<dyn FnMut(f64, Option<Shown>)>;

/// A picture that was taken out of what moves.
pub struct Picture {
    bitmap: Promise,
    /// Its width and height, pixels.
    pub size: (usize, usize),
}

impl Picture {
    /// The picture, an `ImageBitmap`.
    pub async fn bitmap(self) -> Option<JsValue> {
        JsFuture::from(self.bitmap).await.ok()
    }
}

/// A camera there is.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// The browser's name for it.
    pub id: String,
    /// What a person reads; empty before cameras may be used.
    pub label: String,
}

/// Where moving pictures come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// This camera, or the browser's choice.
    Camera(Option<String>),
    /// A screen or a window, which the person chooses.
    Screen,
}

fn devices() -> Option<Devices> {
    window().navigator().unchecked_into::<Global>().media_devices()
}

fn object(pairs: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in pairs {
        // A plain object takes any property.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// Whether this browser can show a screen or a window.
pub fn has_screens() -> bool {
    devices().is_some_and(|devices| devices.display_media().is_some())
}

/// The cameras there are.
pub async fn cameras() -> Vec<Camera> {
    let Some(devices) = devices() else { return Vec::new() };
    let found = JsFuture::from(devices.enumerate_devices()).await.unwrap_or_default();
    let text = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().and_then(|text| text.as_string());
    let camera = |of: JsValue| {
        let is_camera = text(&of, "kind").as_deref() == Some("videoinput");
        let id = text(&of, "deviceId")?;
        is_camera.then(|| Camera { id, label: text(&of, "label").unwrap_or_default() })
    };
    found.dyn_into::<Array>().map(|found| found.iter().filter_map(camera).collect()).unwrap_or_default()
}

/// Opens a camera or a screen. `hear_end` hears where it ends by itself: unplugged, or ended by the browser's own button.
///
/// # Errors
/// Why it cannot be had: a sentence.
pub async fn open(origin: &Origin, hear_end: &Function) -> Result<Stream, String> {
    let devices =
        devices().ok_or("This browser opens no camera here: the page must come over https, or from this machine.")?;
    let asked = match origin {
        Origin::Camera(id) => {
            let wanted = id.as_ref().map(|id| ("deviceId", object(&[("exact", id.into())])));
            let side = object(&[("ideal", 640.into())]);
            let video: Vec<(&str, JsValue)> = [("width", side)].into_iter().chain(wanted).collect();
            Ok(devices.get_user_media(&object(&[("video", object(&video)), ("audio", false.into())])))
        }
        Origin::Screen => {
            let show = devices.display_media().ok_or("This browser does not show screens.")?;
            show.call1(&devices, &object(&[("video", true.into())])).map(|promise| promise.unchecked_into::<Promise>())
        }
    };
    let opened = match asked {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    let stream: Stream = opened.map_err(|error| in_words(&error))?.unchecked_into();
    for track in stream.tracks().iter() {
        track.unchecked_ref::<Track>().set_on_ended(hear_end);
    }
    Ok(stream)
}

/// Why a camera could not be opened (W3C, *Media Capture and Streams*, section 10.2), and what to do.
fn in_words(error: &JsValue) -> String {
    match error.unchecked_ref::<Refusal>().name().as_str() {
        "NotAllowedError" | "SecurityError" => {
            "The camera may not be used: allow it for this page (beside the address), then start again. Photographs and films can be read without."
        }
        "NotFoundError" | "OverconstrainedError" => {
            "There is no such camera: plug one in, or choose another. Photographs and films can be read without."
        }
        "NotReadableError" | "AbortError" => "The camera does not answer: another program may be using it.",
        name => return format!("The browser would not open it ({name})."),
    }
    .into()
}

impl Stream {
    /// Ends it: a camera's light goes out.
    pub fn end(&self) {
        self.tracks().iter().for_each(|track| track.unchecked_ref::<Track>().stop());
    }
}

impl Film {
    /// Shows a stream.
    pub async fn show(&self, stream: &Stream) {
        self.set_stream(stream);
        // Where it is ended before it begins, nothing is shown.
        let _ = JsFuture::from(self.play()).await;
    }

    /// Shows a file, which `address` names, from its beginning.
    ///
    /// # Errors
    /// Where the browser cannot play it: a sentence.
    pub async fn show_file(&self, address: &str) -> Result<(), String> {
        self.set_stream(&JsValue::NULL);
        self.set_address(address);
        let played = JsFuture::from(self.play()).await;
        played.map(drop).map_err(|_| "The browser cannot play this film: save it as MP4 (H.264) or WebM.".into())
    }

    /// Shows nothing.
    pub fn clear(&self) {
        self.pause();
        self.set_stream(&JsValue::NULL);
        self.set_address("");
    }

    /// Where it stands, seconds.
    pub fn time(&self) -> f64 {
        self.current_time()
    }

    /// Where a picture stands that it shows, seconds: its own time, not that of the look at it.
    pub fn time_of(&self, shown: Option<&Shown>) -> f64 {
        shown.map_or_else(|| self.time(), Shown::media_time)
    }

    /// Goes to a moment, in seconds; the picture there is the next.
    pub fn wind(&self, seconds: f64) {
        self.set_current_time(seconds);
    }

    /// How fast it runs, against how fast it was taken.
    pub fn set_rate(&self, rate: f64) {
        // Setting it makes some browsers falter, even to what it is.
        if self.playback_rate() != rate {
            self.set_playback_rate(rate);
        }
    }

    /// Runs on, after a pause.
    pub fn run(&self) {
        let film = self.clone();
        spawn_local(async move {
            // Where it is ended before it begins, it need not run.
            let _ = JsFuture::from(film.play()).await;
        });
    }

    /// How long it is, seconds; `None` where its file does not say.
    pub fn length(&self) -> Option<f64> {
        Some(self.duration()).filter(|seconds| seconds.is_finite())
    }

    /// How many pictures were shown by the time of this one, and how many were left out because there was no time: where
    /// the first grows by more than 1, or the second at all, pictures were missed.
    pub fn tally(&self, shown: Option<&Shown>) -> (f64, f64) {
        (shown.map_or(0.0, Shown::presented), self.quality().dropped())
    }

    /// Calls once with the next picture, and what is told of it. The call's number.
    pub fn on_next(&self, hear: &Hearing) -> i32 {
        let hear: &Function = hear.as_ref().unchecked_ref();
        match self.tells_pictures() {
            true => self.request_frame(hear),
            // It fails for what is no function only.
            false => window().request_animation_frame(hear).unwrap_or_default(),
        }
    }

    /// Does not make the call of this number.
    pub fn forget_next(&self, number: i32) {
        match self.tells_pictures() {
            true => self.cancel_frame(number),
            // What was called already cannot be forgotten.
            false => drop(window().cancel_animation_frame(number)),
        }
    }

    /// Whether the browser tells of every picture.
    fn tells_pictures(&self) -> bool {
        Reflect::has(self, &"requestVideoFrameCallback".into()) == Ok(true)
    }

    /// The picture it shows now, small enough to be read soon. `None` where it shows none.
    pub fn picture(&self) -> Option<Picture> {
        let (width, height) = (self.width(), self.height());
        let scale = (LONGEST / width.max(height)).min(1.0);
        let (width, height) = ((width * scale).round(), (height * scale).round());
        if width < 1.0 || height < 1.0 {
            return None;
        }
        let options = object(&[("resizeWidth", width.into()), ("resizeHeight", height.into())]);
        Some(Picture { bitmap: create_image_bitmap(self, &options), size: (width as usize, height as usize) })
    }
}
