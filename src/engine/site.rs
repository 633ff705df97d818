//! Files that the site serves beside the page: a browser's worker fetches them from its own origin, natively they lie in
//! a folder.

use thiserror::Error;

/// Why a file of the site cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SiteError {
    /// There is no such file.
    #[error("this site does not have it")]
    Missing,
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

        /// The file at this path.
        ///
        /// # Errors
        /// Where there is none, or it cannot be read.
        pub async fn fetch(&self, path: &str) -> Result<Vec<u8>, SiteError> {
            let folder = self.0.as_ref().ok_or(SiteError::Missing)?;
            std::fs::read(folder.join(path)).map_err(|error| match error.kind() {
                ErrorKind::NotFound => SiteError::Missing,
                _ => SiteError::Failed(error.to_string()),
            })
        }
    }
}

#[cfg(target_family = "wasm")]
mod place {
    use js_sys::{ArrayBuffer, Uint8Array};
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Response, Url, WorkerGlobalScope};

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
        /// The file at this path.
        ///
        /// # Errors
        /// Where there is none, or it does not come whole.
        pub async fn fetch(&self, path: &str) -> Result<Vec<u8>, SiteError> {
            let failed = |error: JsValue| SiteError::Failed(sentence(&error));
            let url = Url::new_with_base(path, &MODULE.with(Module::url)).map_err(failed)?;
            let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
            let response: Response =
                JsFuture::from(scope.fetch_with_str(&url.href())).await.map_err(failed)?.unchecked_into();
            match response.status() {
                200 => {}
                404 => return Err(SiteError::Missing),
                status => return Err(SiteError::Failed(format!("the site answered {status}"))),
            }
            let body = response.array_buffer().map_err(failed)?;
            let body: ArrayBuffer = JsFuture::from(body).await.map_err(failed)?.unchecked_into();
            Ok(Uint8Array::new(&body).to_vec())
        }
    }

    fn sentence(error: &JsValue) -> String {
        let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
        message.unwrap_or_else(|| "for an unknown reason".into())
    }
}
