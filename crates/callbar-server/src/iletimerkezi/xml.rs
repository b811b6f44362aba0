//! Requests as XML.
//!
//! No document type is read, so there are no entities but the five of XML itself.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};

use super::fault::Fault;
use super::request::Request;

/// Elements within elements at most; a request needs four.
const DEEPEST: usize = 16;

/// # Errors
/// [`Fault::Unparsed`]
pub(super) fn read(body: &[u8]) -> Result<Request, Fault> {
    let body = str::from_utf8(body).map_err(|_| Fault::Unparsed)?;
    // Some clients begin with a mark of byte order.
    let mut reader = Reader::from_str(body.strip_prefix('\u{FEFF}').unwrap_or(body));
    let mut reading = Reading::default();
    loop {
        match reader.read_event().map_err(|_| Fault::Unparsed)? {
            Event::Start(start) => reading.open(start.name().as_ref())?,
            Event::Empty(start) => {
                reading.open(start.name().as_ref())?;
                reading.close()?;
            }
            Event::End(_) => reading.close()?,
            Event::Text(text) => reading.text(&text.xml10_content())?,
            Event::CData(text) => reading.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => reading.text(&character(&reference)?)?,
            Event::DocType(_) => return Err(Fault::Unparsed),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return reading.end(),
        }
    }
}

/// What `&amp;` and its like stand for.
fn character(reference: &BytesRef<'_>) -> Result<String, Fault> {
    if reference.is_char_ref() {
        let character = reference.resolve_char_ref().ok().flatten();
        return character.map(String::from).ok_or(Fault::Unparsed);
    }
    resolve_xml_entity(reference).map(str::to_owned).ok_or(Fault::Unparsed)
}

/// How far a request has been read.
#[derive(Default)]
struct Reading {
    /// The names of the open elements, a slash before each.
    path: String,
    depth: usize,
    request: Request,
    is_done: bool,
}

impl Reading {
    fn open(&mut self, name: impl AsRef<[u8]>) -> Result<(), Fault> {
        let name = str::from_utf8(name.as_ref()).map_err(|_| Fault::Unparsed)?;
        if self.is_done || self.depth == DEEPEST || self.depth == 0 && name != "request" {
            return Err(Fault::Unparsed);
        }
        self.path.push('/');
        self.path.push_str(name);
        self.depth += 1;
        match self.member() {
            Some(Some(_)) => Err(Fault::Unparsed),
            Some(member) => {
                *member = Some(String::new());
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn close(&mut self) -> Result<(), Fault> {
        if let Some(Some(text)) = self.member() {
            *text = text.trim().to_owned();
        }
        let parent = self.path.rfind('/').ok_or(Fault::Unparsed)?;
        self.path.truncate(parent);
        self.depth -= 1;
        self.is_done = self.depth == 0;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        if self.depth == 0 && !text.trim().is_empty() {
            return Err(Fault::Unparsed);
        }
        if let Some(Some(member)) = self.member() {
            member.push_str(text);
        }
        Ok(())
    }

    /// The member that the open element is.
    fn member(&mut self) -> Option<&mut Option<String>> {
        let request = &mut self.request;
        Some(match self.path.strip_prefix("/request/")? {
            "authentication/key" => &mut request.key,
            "authentication/hash" => &mut request.hash,
            "blacklist/filter/start" => &mut request.start,
            "blacklist/filter/end" => &mut request.end,
            "blacklist/page" => &mut request.page,
            "blacklist/rowCount" => &mut request.rows,
            "blacklist/number" => &mut request.number,
            _ => return None,
        })
    }

    fn end(self) -> Result<Request, Fault> {
        if self.is_done { Ok(self.request) } else { Err(Fault::Unparsed) }
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
            read(b"<request><blacklist/><other>x</other></request>"),
            Ok(Request::default())
        );
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let deep = "<request>".repeat(17) + &"</request>".repeat(17);
        for wrong in [
            "",
            "{}",
            "<request>",
            "<requests/>",
            "<request/><request/>",
            "<request/>x",
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
