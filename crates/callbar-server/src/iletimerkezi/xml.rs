//! Requests as XML.
//!
//! serde reads the members. By itself it would take any root, stop behind it, pass over a document type and keep
//! the spaces around a member, so this file checks the first three and trims. Without a document type there are
//! no entities but the five of XML.

use quick_xml::Reader;
use quick_xml::de::from_str;
use quick_xml::events::Event;
use serde::Deserialize;

use super::fault::Fault;
use super::request::Request;

/// The most elements within elements. A request needs four.
const DEEPEST: usize = 16;

/// The document. The name of the root chooses the variant, so serde refuses another root.
#[derive(Deserialize)]
enum XmlDocument {
    #[serde(rename = "request")]
    Request(XmlRequest),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct XmlRequest {
    authentication: XmlAuthentication,
    blacklist: XmlBlacklist,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct XmlAuthentication {
    key: Option<String>,
    hash: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct XmlBlacklist {
    filter: XmlFilter,
    page: Option<String>,
    row_count: Option<String>,
    number: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct XmlFilter {
    start: Option<String>,
    end: Option<String>,
}

/// Reads a request.
///
/// # Errors
/// [`Fault::Unparsed`]
pub(super) fn read(body: &[u8]) -> Result<Request, Fault> {
    let body = str::from_utf8(body).map_err(|_| Fault::Unparsed)?;
    // Some clients send a byte order mark first.
    let body = body.strip_prefix('\u{FEFF}').unwrap_or(body);
    check_structure(body)?;
    // serde takes several documents in a row for a sequence. Text between them is an error.
    let documents: Vec<XmlDocument> = from_str(body).map_err(|_| Fault::Unparsed)?;
    let [document] = <[XmlDocument; 1]>::try_from(documents).map_err(|_| Fault::Unparsed)?;
    let XmlDocument::Request(XmlRequest { authentication, blacklist }) = document;
    let XmlBlacklist { filter, page, row_count, number } = blacklist;
    let trim = |text: Option<String>| text.map(|text| text.trim().to_owned());
    Ok(Request {
        key: trim(authentication.key),
        hash: trim(authentication.hash),
        start: trim(filter.start),
        end: trim(filter.end),
        page: trim(page),
        rows: trim(row_count),
        number: trim(number),
    })
}

/// Refuses a document type, and elements that are nested too deep.
fn check_structure(body: &str) -> Result<(), Fault> {
    let mut reader = Reader::from_str(body);
    let mut depth = 0;
    loop {
        match reader.read_event().map_err(|_| Fault::Unparsed)? {
            Event::Start(_) if depth == DEEPEST => return Err(Fault::Unparsed),
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::DocType(_) => return Err(Fault::Unparsed),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "<?xml version=\"1.0\"?>
        <request>
            <authentication><key>a&amp;b</key><hash><![CDATA[h<]]></hash></authentication>
            <!-- of one morning -->
            <blacklist>
                <filter><start>2024-09-27 01:10:00</start><end/></filter>
                <page>2</page><rowCount></rowCount><number> &#x2B;90 505 </number>
            </blacklist>
        </request>";

    #[test]
    fn a_request_is_read() {
        let some = |text: &str| Some(text.to_owned());
        let (key, hash, start) = (some("a&b"), some("h<"), some("2024-09-27 01:10:00"));
        let (end, page, rows, number) = (some(""), some("2"), some(""), some("+90 505"));
        let request = Request { key, hash, start, end, page, rows, number };
        assert_eq!(read(WHOLE.as_bytes()), Ok(request.clone()));
        assert_eq!(read(format!("\u{FEFF}{WHOLE}\n").as_bytes()), Ok(request));
        assert_eq!(read(b"<request/>"), Ok(Request::default()));
        assert_eq!(
            read(b"<request>x<blacklist/><other>x</other> y</request>\n<!-- end -->\n"),
            Ok(Request::default())
        );
        let spread = b"<request><blacklist><page> 1<!-- x --><![CDATA[2]]>&#51; </page></blacklist></request>";
        assert_eq!(read(spread).unwrap().page, some("123"));
    }

    #[test]
    fn other_bodies_are_refused() {
        let deep = "<request>".repeat(17) + &"</request>".repeat(17);
        for wrong in [
            "",
            "{}",
            "<request>",
            "<requests/>",
            "<request/><request/>",
            "<request/>x",
            "<request/><!DOCTYPE request>",
            "<request><other><!DOCTYPE request></other></request>",
            "x<request/>",
            "<request></blacklist></request>",
            "<request><blacklist></request>",
            "<request><blacklist><page>1</page><page>2</page></blacklist></request>",
            "<!DOCTYPE request [<!ENTITY a \"1\">]><request/>",
            "<request><blacklist><page>&a;</page></blacklist></request>",
            "<request><blacklist><page>&#xD800;</page></blacklist></request>",
            &deep,
        ] {
            assert_eq!(read(wrong.as_bytes()), Err(Fault::Unparsed), "{wrong}");
        }
        assert_eq!(read(b"<request>\xff</request>"), Err(Fault::Unparsed));
    }
}
