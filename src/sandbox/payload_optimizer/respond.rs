//! All measures together, and answers made of what they leave.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use super::paging::paginate_answer;
use super::{
    Encoding, MIN_COMPRESSED_BYTES, PayloadOptions, compress, is_compressible, json_bytes, json_size,
    remove_nulls, truncate_strings,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A body ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptimizedPayload {
    pub body: Bytes,
    pub content_type: HeaderValue,
    pub encoding: Encoding,
    /// Whether another client might have got it compressed otherwise.
    pub varies: bool,
    pub sizes: PayloadSizes,
}

/// What the measures came to; answers carry it among their extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadSizes {
    /// As JSON, before anything was done.
    pub n_bytes_before: usize,
    /// As JSON, before compression.
    pub n_bytes_plain: usize,
    pub n_bytes_sent: usize,
}

/// Pages a list, and takes out fields, nulls and ends of long strings. Compression is not its business.
pub fn optimize(value: &mut Value, options: &PayloadOptions) {
    if let Some(page) = options.page {
        paginate_answer(value, options.list_field, page);
    }
    if let Some(fields) = &options.fields {
        fields.apply(list_within(value, options));
    }
    if options.null_removal {
        remove_nulls(value);
    }
    if let Some(max_chars) = options.max_string_chars {
        truncate_strings(value, max_chars);
    }
}

/// The list of an answer, or the answer itself where it has none.
fn list_within<'a>(value: &'a mut Value, options: &PayloadOptions) -> &'a mut Value {
    // A list alone that was paged has become an object with items.
    let field = options.list_field.or(options.page.map(|_| "items"));
    match field {
        Some(field) if value.get(field).is_some_and(Value::is_array) => &mut value[field],
        _ => value,
    }
}

/// Everything: fewer bytes of JSON, compressed as the client's `Accept-Encoding` allows.
pub fn optimize_response(
    mut value: Value,
    options: &PayloadOptions,
    request_headers: &HeaderMap,
) -> OptimizedPayload {
    let changes = PayloadOptions { list_field: None, compression: false, ..options.clone() }
        != PayloadOptions::default();
    let n_bytes_before = changes.then(|| json_size(&value));
    optimize(&mut value, options);
    let body = Bytes::from(json_bytes(&value));
    let n_bytes_before = n_bytes_before.unwrap_or(body.len());
    let accepted = options.compression.then(|| Encoding::accepted_by(request_headers));
    encoded(body, JSON, n_bytes_before, accepted)
}

/// An answer of a value after all measures.
pub fn respond(
    status: StatusCode,
    value: Value,
    options: &PayloadOptions,
    request_headers: &HeaderMap,
) -> Response {
    optimize_response(value, options, request_headers).into_response(status)
}

/// An answer of a body that is ready but for its compression, such as one that was kept.
pub fn respond_with(
    status: StatusCode,
    content_type: HeaderValue,
    body: Bytes,
    request_headers: &HeaderMap,
) -> Response {
    let n_bytes = body.len();
    encoded(body, content_type, n_bytes, Some(Encoding::accepted_by(request_headers))).into_response(status)
}

fn encoded(
    body: Bytes,
    content_type: HeaderValue,
    n_bytes_before: usize,
    accepted: Option<Encoding>,
) -> OptimizedPayload {
    let n_bytes_plain = body.len();
    let varies =
        accepted.is_some() && n_bytes_plain >= MIN_COMPRESSED_BYTES && is_compressible(Some(&content_type));
    let compressed =
        accepted.filter(|_| varies).and_then(|encoding| Some((encoding, compress(&body, encoding)?)));
    let (encoding, body) = match compressed {
        Some((encoding, compressed)) => (encoding, Bytes::from(compressed)),
        None => (Encoding::Identity, body),
    };
    let sizes = PayloadSizes { n_bytes_before, n_bytes_plain, n_bytes_sent: body.len() };
    OptimizedPayload { body, content_type, encoding, varies, sizes }
}

impl OptimizedPayload {
    /// The answer, with its [`PayloadSizes`] among its extensions.
    pub fn into_response(self, status: StatusCode) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type);
        if self.encoding != Encoding::Identity {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(self.encoding.name()));
        }
        // Also where this client got it plain: caches on the way must not hand it to others.
        if self.varies {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        response.extensions_mut().insert(self.sizes);
        response
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::compression::tests::decompress;
    use super::super::{FieldSelection, Page};
    use super::*;

    fn accepting(accept_encoding: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_str(accept_encoding).unwrap())])
    }

    fn courses(n: usize) -> Value {
        let course = |id| json!({ "id": id, "title": "Algebra ".repeat(30), "teacher": null, "seats": 20 });
        json!({ "topic": "all", "items": (1..=n).map(course).collect::<Vec<_>>() })
    }

    fn options() -> PayloadOptions {
        PayloadOptions {
            list_field: Some("items"),
            fields: Some(FieldSelection::parse("id,title,teacher").unwrap()),
            page: Some(Page::new(2, 3).unwrap()),
            ..PayloadOptions::thrifty(10)
        }
    }

    async fn body_of(response: Response) -> Vec<u8> {
        axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    #[test]
    fn all_measures_work_together() {
        let payload = optimize_response(courses(5), &options(), &HeaderMap::new());
        let expected = json!({
            "topic": "all",
            "items": [{ "id": 4, "title": "Algebra A…" }, { "id": 5, "title": "Algebra A…" }],
            "page": 2, "size": 3, "n_pages": 2, "total": 5,
        });
        assert_eq!(serde_json::from_slice::<Value>(&payload.body).unwrap(), expected);
        assert_eq!(payload.sizes.n_bytes_before, courses(5).to_string().len());
        assert_eq!(payload.sizes.n_bytes_sent, payload.body.len());
        assert!(payload.sizes.n_bytes_sent < payload.sizes.n_bytes_before / 5);
    }

    #[test]
    fn fields_of_a_list_alone_are_those_of_its_items_also_when_it_is_paged() {
        let options = PayloadOptions { list_field: None, ..options() };
        let mut list = courses(5)["items"].take();
        optimize(&mut list, &options);
        assert_eq!(
            list["items"],
            json!([{ "id": 4, "title": "Algebra A…" }, { "id": 5, "title": "Algebra A…" }])
        );
        assert_eq!(list["total"], 5);
    }

    #[test]
    fn options_that_ask_for_nothing_leave_the_answer_as_it_is() {
        let payload = optimize_response(courses(50), &PayloadOptions::default(), &accepting("gzip"));
        assert_eq!(payload.body, courses(50).to_string());
        assert_eq!((payload.encoding, payload.varies), (Encoding::Identity, false));
        let n_bytes = payload.body.len();
        assert_eq!(
            payload.sizes,
            PayloadSizes { n_bytes_before: n_bytes, n_bytes_plain: n_bytes, n_bytes_sent: n_bytes }
        );
    }

    #[tokio::test]
    async fn answers_are_compressed_as_the_client_takes_them() {
        for encoding in Encoding::COMPRESSED {
            let compression = PayloadOptions { compression: true, ..PayloadOptions::default() };
            let response = respond(StatusCode::OK, courses(50), &compression, &accepting(encoding.name()));
            assert_eq!(response.headers()[header::CONTENT_ENCODING], encoding.name());
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            let sizes = *response.extensions().get::<PayloadSizes>().unwrap();
            let body = body_of(response).await;
            assert_eq!(body.len(), sizes.n_bytes_sent);
            assert_eq!(decompress(&body, encoding), courses(50).to_string().into_bytes());
        }
    }

    #[tokio::test]
    async fn a_client_that_takes_none_gets_it_plain_and_caches_are_told() {
        let json = Bytes::from(courses(50).to_string());
        for headers in [HeaderMap::new(), accepting("identity"), accepting("gzip;q=0")] {
            let response = respond_with(StatusCode::CREATED, JSON, json.clone(), &headers);
            assert_eq!(response.status(), StatusCode::CREATED);
            assert_eq!(response.headers().get(header::CONTENT_ENCODING), None);
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            assert_eq!(body_of(response).await, json);
        }
    }

    #[test]
    fn small_bodies_and_pictures_stay_as_they_are_for_everyone() {
        let small = Bytes::from(vec![b'x'; MIN_COMPRESSED_BYTES - 1]);
        let large = Bytes::from(vec![b'x'; MIN_COMPRESSED_BYTES]);
        let check = |content_type: &'static str, body: &Bytes, compressed: bool| {
            let content_type = HeaderValue::from_static(content_type);
            let response = respond_with(StatusCode::OK, content_type, body.clone(), &accepting("gzip"));
            assert_eq!(response.headers().contains_key(header::CONTENT_ENCODING), compressed);
            assert_eq!(response.headers().contains_key(header::VARY), compressed);
        };
        check("application/json", &small, false);
        check("application/json", &large, true);
        check("image/png", &large, false);
    }

    #[test]
    fn a_body_that_goes_as_it_is_is_not_copied() {
        let body = Bytes::from(vec![b'x'; 5_000]);
        assert_eq!(encoded(body.clone(), JSON, 5_000, Some(Encoding::Identity)).body.as_ptr(), body.as_ptr());
    }
}
