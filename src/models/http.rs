//! The way to a provider: one request, one reply, within a size. No redirect is followed, since a key would go with it.

use std::{
    future::{Future, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, header::InvalidHeaderValue, redirect};
use rig_core::http_client::{
    Error, HeaderValue, HttpClientExt, LazyBody, MultipartForm, Request, Response, Result,
    StreamingResponse,
};

/// What is read of a reply that is an error.
const ERROR_BYTES_MAX: usize = 16 * 1_024;

/// How a request broke.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// Nobody answered the door.
    #[error("it was not reached: {0}")]
    Unreached(String),
    /// The line went away after that.
    #[error("the line was cut: {0}")]
    Cut(String),
    /// More came than is read.
    #[error("the reply is longer than {0} bytes")]
    TooLong(usize),
    /// The library asked for what we do not do.
    #[error("only one request and one reply is spoken here")]
    Unsupported,
}

/// An HTTP client for one model.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client,
    bytes_max: usize,
}

impl Http {
    pub(crate) fn new(bytes_max: usize) -> std::result::Result<Self, reqwest::Error> {
        // The process has one TLS provider; whoever installed one first is as good as we are.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("chimera/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .build()?;
        Ok(Self { client, bytes_max })
    }
}

impl HttpClientExt for Http {
    fn send<T, U>(
        &self,
        request: Request<T>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + Send + 'static
    where
        T: Into<Bytes> + Send,
        U: From<Bytes> + Send + 'static,
    {
        let (client, bytes_max) = (self.client.clone(), self.bytes_max);
        let request = reqwest::Request::try_from(request.map(Into::<Bytes>::into));
        async move {
            let mut request = request.map_err(Error::instance)?;
            key_to_header(&mut request).map_err(Error::from)?;
            let mut reply = client.execute(request).await.map_err(|error| {
                let why = chain(&error);
                Error::instance(if error.is_connect() {
                    Broken::Unreached(why)
                } else {
                    Broken::Cut(why)
                })
            })?;
            let status = reply.status();
            let headers = std::mem::take(reply.headers_mut());
            let body: LazyBody<U> = Box::pin(async move {
                if status.is_success() {
                    read(reply, bytes_max).await
                } else {
                    Ok(begin(reply, ERROR_BYTES_MAX).await)
                }
                .map(U::from)
            });
            let mut response = Response::new(body);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        }
    }

    fn send_multipart<U>(
        &self,
        _: Request<MultipartForm>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + Send + 'static
    where
        U: From<Bytes> + Send + 'static,
    {
        ready(Err(Error::instance(Broken::Unsupported)))
    }

    async fn send_streaming<T>(&self, _: Request<T>) -> Result<StreamingResponse>
    where
        T: Into<Bytes> + Send,
    {
        Err(Error::instance(Broken::Unsupported))
    }
}

/// The library sends Gemini's key in the address, where every log on the way would keep it. It may go in a header.
fn key_to_header(request: &mut reqwest::Request) -> std::result::Result<(), InvalidHeaderValue> {
    let url = request.url_mut();
    let Some((_, key)) = url.query_pairs().find(|(name, _)| name == "key") else {
        return Ok(());
    };
    let key = key.into_owned();
    let rest: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "key")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !rest.is_empty() {
        url.query_pairs_mut().extend_pairs(rest);
    }
    let mut value = HeaderValue::from_str(&key)?;
    value.set_sensitive(true);
    request.headers_mut().insert("x-goog-api-key", value);
    Ok(())
}

/// The whole body, or an error as soon as it is longer than it may be.
async fn read(mut reply: reqwest::Response, bytes_max: usize) -> Result<Bytes> {
    let mut bytes = BytesMut::new();
    loop {
        match reply.chunk().await {
            Ok(Some(chunk)) if bytes.len().saturating_add(chunk.len()) > bytes_max => {
                return Err(Error::instance(Broken::TooLong(bytes_max)));
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes.freeze()),
            Err(error) => return Err(Error::instance(Broken::Cut(chain(&error)))),
        }
    }
}

/// As much of a body as there is, up to its limit: an error is worth reading even when it is cut.
async fn begin(mut reply: reqwest::Response, bytes_max: usize) -> Bytes {
    let mut bytes = BytesMut::new();
    while bytes.len() < bytes_max
        && let Ok(Some(chunk)) = reply.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(bytes_max);
    bytes.freeze()
}

/// The whole chain in one sentence, without the address: what stands in one could be a key.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    if causes.is_empty() {
        causes.push("no cause is told".to_owned());
    }
    causes.join(": ")
}
