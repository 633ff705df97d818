//! Files that the site serves beside the page: a browser's worker fetches them from its own origin, natively they lie in
//! a folder.

use thiserror::Error;

/// Why a file of the site cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SiteError {
    /// There is no such file.
    #[error("this site does not have it")]
    Missing,
    /// Nobody wants it any more.
    #[error("it is no longer wanted")]
    Stopped,
    /// It did not come, or not whole.
    #[error("it could not be fetched ({0}): try again")]
    Failed(String),
}

pub use place::Site;

#[cfg(not(target_family = "wasm"))]
mod place {
    use std::io::ErrorKind;
    use std::path::PathBuf;

    use super::SiteError;

    /// The files of a site: those in a folder, or none.
    #[derive(Clone, Debug, Default)]
    pub struct Site(Option<PathBuf>);

    impl Site {
        /// The files in this folder.
        pub fn at(folder: impl Into<PathBuf>) -> Site {
            Site(Some(folder.into()))
        }

        /// The file at this path. `hear` hears how many bytes have come, and says whether to go on.
        ///
        /// # Errors
        /// Where there is none, it cannot be read, or it is not to go on.
        pub async fn fetch(&self, path: &str, mut hear: impl FnMut(u64) -> bool) -> Result<Vec<u8>, SiteError> {
            let folder = self.0.as_ref().ok_or(SiteError::Missing)?;
            let file = std::fs::read(folder.join(path)).map_err(|error| match error.kind() {
                ErrorKind::NotFound => SiteError::Missing,
                _ => SiteError::Failed(error.to_string()),
            })?;
            if hear(file.len() as u64) { Ok(file) } else { Err(SiteError::Stopped) }
        }
    }
}

#[cfg(target_family = "wasm")]
mod place {
    use gloo::timers::future::TimeoutFuture;
    use js_sys::{Array, Promise, Reflect, Uint8Array};
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::{JsFuture, future_to_promise};
    use web_sys::{ReadableStreamDefaultReader, Response, Url, WorkerGlobalScope};

    use super::SiteError;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = "ImportMeta")]
        type Module;
        #[wasm_bindgen(method, getter)]
        fn url(this: &Module) -> String;
        #[wasm_bindgen(thread_local_v2, js_namespace = import, js_name = meta)]
        static MODULE: Module;
    }

    /// The files of this site, found beside the engine's own: the worker itself comes from a blob, which has no place.
    #[derive(Clone, Debug, Default)]
    pub struct Site(());

    impl Site {
        /// The file at this path. `hear` hears how many bytes have come, and says whether to go on.
        ///
        /// # Errors
        /// Where there is none, it does not come whole, or it is not to go on.
        pub async fn fetch(&self, path: &str, mut hear: impl FnMut(u64) -> bool) -> Result<Vec<u8>, SiteError> {
            let failed = |error: JsValue| SiteError::Failed(sentence(&error));
            let url = Url::new_with_base(path, &MODULE.with(Module::url)).map_err(failed)?;
            let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
            let asked = scope.fetch_with_str(&url.href());
            let response: Response = patiently(&asked, || hear(0)).await?.unchecked_into();
            match response.status() {
                200 => {}
                404 => return Err(SiteError::Missing),
                status => return Err(SiteError::Failed(format!("the site answered {status}"))),
            }
            let Some(body) = response.body() else { return Err(SiteError::Failed("it is empty".into())) };
            let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
            let mut file = Vec::new();
            loop {
                let piece = match patiently(&reader.read(), || hear(file.len() as u64)).await {
                    // What it would still send is of no use; that it cannot be told is none either.
                    Err(SiteError::Stopped) => {
                        drop(reader.cancel());
                        return Err(SiteError::Stopped);
                    }
                    piece => piece?,
                };
                let property = |name: &str| Reflect::get(&piece, &name.into()).unwrap_or(JsValue::UNDEFINED);
                if property("done").is_truthy() {
                    return Ok(file);
                }
                let bytes: Uint8Array = property("value").unchecked_into();
                let so_far = file.len();
                file.resize(so_far + bytes.length() as usize, 0);
                bytes.copy_to(&mut file[so_far..]);
            }
        }
    }

    /// Waits for a promise, and asks now and then whether to go on: a connection may hang.
    async fn patiently(promise: &Promise, mut go_on: impl FnMut() -> bool) -> Result<JsValue, SiteError> {
        loop {
            if !go_on() {
                return Err(SiteError::Stopped);
            }
            let tick = future_to_promise(async {
                TimeoutFuture::new(200).await;
                Ok(JsValue::NULL)
            });
            let first = JsFuture::from(Promise::race(&Array::of2(promise, &tick))).await;
            let value = first.map_err(|error| SiteError::Failed(sentence(&error)))?;
            if !value.is_null() {
                return Ok(value);
            }
        }
    }

    fn sentence(error: &JsValue) -> String {
        let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
        message.unwrap_or_else(|| "for an unknown reason".into())
    }
}
