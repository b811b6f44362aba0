//! Lists and campaigns as spreadsheets, data frames and customers write them. Prevents a file that
//! is read in part, or by the wrong column, without a warning.

mod cli;

use cli::Workspace;

const COMPILE: &str = "compile --domain d --region TR --data data --list s=";
const SCRUB: &str = "scrub --data data --domain my.example";

#[test]
fn compile_reports_its_guesses_and_doubts_a_list_of_names() {
    let workspace = Workspace::new();
    workspace
        .file("s.txt", "05050047801\n05050047801\n112\n*67\nalice\nbob\nanonymous\n")
        .file("names.txt", "alice\nbob\nbob\n05050047801\n");
    let run = workspace.run(&format!("{COMPILE}s.txt")).ok();
    let expected = "s (deny): 6 entries (1 E.164, 1 local, 1 service, 2 SIP users, 1 classes), 1 duplicates, 0 rejected";
    assert!(run.out().contains(expected), "{}", run.out());
    assert!(!run.err().contains("is this the right column"), "{}", run.err());
    let run = workspace.run(&format!("{COMPILE}names.txt")).ok();
    let doubt =
        "list s: 3 of 4 entries are no telephone numbers: is this the right column or file?";
    assert!(run.err().contains(doubt), "{}", run.err());
}

#[test]
fn the_column_that_was_guessed_is_reported() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("f.csv", "id,ad,Numara\n1,a,05050047801\n");
    let message = "column 3 \"Numara\" of f.csv";
    assert!(workspace.run(&format!("{COMPILE}f.csv")).ok().err().contains(message));
    let run = workspace.run(&format!("{SCRUB} f.csv")).ok();
    assert!(run.err().contains(message) && run.out().contains("deny,spam"), "{}", run.err());
    let run = workspace.run(&format!("{SCRUB} f.csv --column 3")).ok();
    assert!(!run.err().contains(message), "{}", run.err());
    workspace.file("g.csv", "home_phone,work_phone\n1,2\n");
    let words = ["\"home_phone\", \"work_phone\"", "--column"];
    workspace.run(&format!("{SCRUB} g.csv")).fails_with(&words);
    workspace.run(&format!("{COMPILE}g.csv")).fails_with(&words);
}

#[test]
fn columns_are_known_in_other_languages_and_unused_ones_reported() {
    let workspace = Workspace::new();
    let compile = "compile --domain d --region TR --data data --list a=a.csv --max-loss 100";
    for header in [
        "Cep Telefonu;Biti\u{15f} Tarihi;Sebep",
        "TELEFON NUMARASI;B\u{130}T\u{130}\u{15e} TAR\u{130}H\u{130};NEDEN",
        "Rufnummer;G\u{fc}ltig bis;Grund",
        "Telefonnummer;Ablaufdatum;Grund",
        "T\u{e9}l\u{e9}phone;Date de fin;Motif",
        "T\u{e9}l\u{e9}phone;Expiration;motif",
        "Tel\u{e9}fono;Fecha de vencimiento;Motivo",
        "Telefono;Data scadenza;Motivo",
        "Telefone;Validade;Raz\u{e3}o",
    ] {
        workspace.file(
            "a.csv",
            format!("Id;{header}\n1;05050047801;31.12.2020;x\n2;05050047802;31-12-2099;x\n"),
        );
        let run = workspace.run(compile).ok();
        let names: Vec<_> = header.split(';').collect();
        for message in [
            format!("column 2 {:?} of a.csv\n", names[0]),
            format!("column 3 {:?} of a.csv: expires\n", names[1]),
            format!("column 4 {:?} of a.csv: reason\n", names[2]),
            "columns not used of a.csv: \"Id\"\n".into(),
        ] {
            assert_eq!(run.err().matches(&message).count(), 1, "{message}: {}", run.err());
        }
        workspace.run("check --data data --domain d 05050047801").ok();
        let run =
            workspace.run("check --data data --domain d --json --explain 05050047802").exits(1);
        // A date alone includes the day.
        assert!(run.out().contains("\"expires\":4102444800"), "{}", run.out());
    }
    workspace.file("a.csv", "phone,\n05050047801,x\n");
    assert!(!workspace.run(compile).ok().err().contains("not used"));
    workspace.file("a.csv", "05050047801,x\n");
    let bare = format!("{compile} --no-header --column 1");
    assert!(!workspace.run(&bare).ok().err().contains("not used"));
}

#[test]
fn numbers_that_may_lack_their_plus_are_reported() {
    let workspace = Workspace::new();
    let numbers = "4917112345678\n4917112345679\n4917112345670\n0171 1234567\n";
    workspace.file("a.txt", numbers).file("in.csv", format!("phone\n{numbers}"));
    let message = "3 numbers begin with 49 and were read as national numbers: if they are \
                international, write them with a plus, or give the domain plain_e164 (--plain-e164)\n";
    let compile = "compile --domain d --region DE --data data --list a=a.txt";
    let run = workspace.run(compile).ok();
    assert!(run.err().contains(&format!("list a: {message}")), "{}", run.err());
    let run = workspace.run("scrub --data data --domain d in.csv").ok();
    assert!(run.err().contains(message), "{}", run.err());
    workspace.file("b.txt", "+491711234567");
    let scrub = "scrub --region DE --list b.txt in.csv";
    let run = workspace.run(scrub).ok();
    assert!(run.err().contains(message), "{}", run.err());
    for command in [compile, scrub] {
        let run = workspace.run(&format!("{command} --plain-e164")).ok();
        assert!(!run.err().contains("begin with"), "{}", run.err());
    }
}

#[test]
fn words_that_became_users_are_reported_with_their_lines() {
    let workspace = Workspace::new();
    workspace.file("a.csv", "phone\nyok\n05050047801\nTelefon\nyok\nphone\nbos\n05050047802\n");
    let run = workspace.run(&format!("{COMPILE}a.csv")).ok();
    let message = "list s: taken as SIP users: yok (line 2), Telefon (line 4), phone (line 6) ...; write \
                numbers, or sip:NAME@DOMAIN if those users of that domain alone are meant\n";
    assert!(run.err().contains(message), "{}", run.err());
    workspace.file("a.csv", "phone\nsip:alice@my.example\n05050047801\n");
    let run = workspace.run(&format!("{COMPILE}a.csv --max-loss 100")).ok();
    assert!(!run.err().contains("taken as"), "{}", run.err());
}

#[test]
fn a_file_without_header_is_reported_with_the_options_to_give() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("f.csv", "1,05050047801\n2,05050047802\n");
    let words = ["looks like data", "--no-header --column 2"];
    workspace.run(&format!("{COMPILE}f.csv")).fails_with(&words);
    workspace.run(&format!("{SCRUB} f.csv")).fails_with(&words);
    workspace
        .run("scrub --region TR --list f.csv -")
        .fails_with(&["--list-no-header --list-column 2"]);
    let list = "--list f.csv --list-no-header --list-column 2";
    let run = workspace.run_on(&format!("scrub --region TR {list}"), b"tel\n05050047802\n").ok();
    assert!(run.out().contains("deny,f"), "{}", run.out());
}

#[test]
fn the_delimiter_is_found_and_the_line_for_excel_kept() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("f.csv", "id;phone\n1;05050047801\n");
    let run = workspace.run(&format!("{SCRUB} f.csv")).ok();
    assert!(run.out().ends_with("1;05050047801;deny;spam;+905050047801\n"), "{}", run.out());
    assert!(run.err().contains("columns of f.csv are separated by ';'"), "{}", run.err());
    let run = workspace.run_on(SCRUB, b"\xef\xbb\xbfsep=;\r\nphone;x,y\r\n05050047801;\r\n").ok();
    assert_eq!(
        run.bytes(),
        b"\xef\xbb\xbfsep=;\r\nphone;x,y;callbar_verdict;callbar_list;callbar_number\r\n\
          05050047801;;deny;spam;+905050047801\r\n"
    );
    let bare = format!("{SCRUB} --no-header --column 1");
    let run = workspace.run_on(&bare, b"sep=;\n05050047801;a\n").ok();
    assert_eq!(run.out(), "sep=;\n05050047801;a;deny;spam;+905050047801\n");
    workspace.run_on(SCRUB, b"id;name\n1;a\n").fails_with(&["--delimiter ';'"]);
}

#[test]
fn utf16_without_its_mark_and_json_arrays_are_refused() {
    let workspace = Workspace::new();
    let wide: Vec<u8> =
        "phone\r\n05050047801\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    workspace.compiled("+905050047801\n").file("f.csv", &wide).file("f.txt", &wide);
    workspace.file("a.json", "[\n{\"number\":\"05050047801\"}]\n");
    for command in [format!("{COMPILE}f.csv"), format!("{COMPILE}f.txt"), format!("{SCRUB} f.csv")]
    {
        workspace.run(&command).fails_with(&["iconv -f UTF-16LE -t UTF-8"]);
    }
    workspace.run(&format!("{COMPILE}a.json")).fails_with(&["JSON array", "jq -c '.[]'"]);
    workspace.run("normalize --region TR f.csv").ok();
}

#[test]
fn numbers_that_lost_their_digits_are_refused_everywhere() {
    let workspace = Workspace::new();
    let lost = ["5,05E+11", "5.05005E+09", "5050047824.0"];
    workspace
        .file("a.txt", lost.join("\n") + "\n=\"05050047801\"\n")
        .file("b.csv", "phone\n\"5,05E+11\"\n5050047824.0\n\"=\"\"05050047802\"\"\"\n")
        .file("c.jsonl", "\"5,05E+11\"\n5050047824.0\n\"05050047803\"\n");
    let lists = "--list s=a.txt --list s=b.csv --list s=c.jsonl";
    let run =
        workspace.run(&format!("compile --domain my.example --region TR --data data {lists}")).ok();
    assert!(run.out().contains("3 entries (3 E.164), 0 duplicates, 7 rejected"), "{}", run.out());
    assert!(run.err().contains("a.txt:1: spreadsheet notation, its digits are lost"));
    assert!(run.err().contains("c.jsonl:2: a decimal number: export the column as text"));
    let input = b"phone;x\n5,05E+11;\n5050047824.0;\n=\"05050047801\";\n";
    let run = workspace.run_on(SCRUB, input).ok();
    let rows: Vec<_> = run.out().lines().skip(1).map(str::to_owned).collect();
    assert_eq!(rows[..2], ["5,05E+11;;invalid;;", "5050047824.0;;invalid;;"]);
    assert_eq!(rows[2], "=\"05050047801\";;deny;s;+905050047801");
}

#[test]
fn a_cell_that_is_not_one_number_never_passes() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n05050047801050500478\n");
    let cells =
        ["05050047802050500478", "05050047801050500478", "05050047802 / 05050047803", "112/110"];
    let input = format!("phone;x\n{};\n112;\n", cells.join(";\n"));
    let run = workspace.run_on(SCRUB, input.as_bytes()).ok();
    let verdicts: Vec<_> =
        run.out().lines().skip(1).map(|row| row.split(';').nth(2).unwrap().to_owned()).collect();
    assert_eq!(verdicts, ["invalid", "deny", "invalid", "invalid", "pass"]);
    let help = workspace.run("scrub --help").ok().out();
    assert!(help.contains("not one number and on no list. It never passes"), "{help}");
}

#[test]
fn a_changed_dial_plan_is_reported() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let compile = "compile --domain my.example --data data --list spam=spam.txt --region";
    let run = workspace.run(&format!("{compile} DE")).ok();
    assert!(run.err().contains("dial plan of my.example: region TR -> DE\n"), "{}", run.err());
    assert!(!workspace.run(&format!("{compile} DE")).ok().err().contains("dial plan"));
}

#[test]
fn directories_are_made_or_refused() {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.path("empty")).unwrap();
    workspace.file("a.txt", "+905050047801\n").compiled("+905050047801\n");
    workspace.run("compile --domain d --region TR --data a/b --list s=a.txt").ok();
    for dir in ["empty", "absent", "a.txt"] {
        let error = format!("{dir} is no data directory");
        for command in [
            format!("inspect {dir}"),
            format!("verify {dir}"),
            format!("check --data {dir} --domain d 1"),
        ] {
            workspace.run(&command).fails_with(&[&error, "callbar compile"]);
        }
    }
    let run = workspace.run("check --data data --domain my.example -05050047801").exits(1);
    assert!(run.out().starts_with("deny\tspam\t"), "{}", run.out());
}

#[test]
fn two_numbers_in_a_cell_never_pass() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "+905050047801\n");
    let cells = [
        "05050047824;05050047825",
        "05050047824; 05050047825",
        "05050047824/05050047825",
        "0850 304 00 00 - 99",
    ];
    let input = format!("phone,x\n{}\n", cells.map(|cell| format!("{cell},1")).join("\n"));
    let run = workspace.run_on("scrub --region TR --list a.txt", input.as_bytes()).ok();
    for (row, cell) in run.out().lines().skip(1).zip(cells) {
        assert_eq!(row, format!("{cell},1,invalid,,"));
    }
    let one = "phone\n05050047824;ext=3\n(0212) 555 - 0123\n1001;phone-context=a.example\n";
    let run = workspace.run_on("scrub --region TR --list a.txt", one.as_bytes()).ok();
    assert_eq!(run.out().matches(",pass,").count(), 3, "{}", run.out());
}

#[test]
fn a_header_longer_than_the_peek_is_refused_not_cut() {
    let workspace = Workspace::new();
    workspace.file("list.txt", "+905050047801\n");
    let long = format!("phone,{}\n05050047801,1\n", "x,".repeat(150_000));
    let longest = format!("phone,{}\n05050047801,1\n", "x".repeat((256 << 10) - 7));
    workspace.file("long.csv", &long).file("longest.csv", &longest);
    let words = ["the first row is longer than 256 KiB"];
    workspace.run("scrub --region TR --list list.txt long.csv").fails_with(&words);
    let compile = "compile --domain d --region TR --data data --list";
    workspace.run(&format!("{compile} a=long.csv")).fails_with(&words);
    workspace.run(&format!("{compile} a=longest.csv")).ok();
    let run = workspace.run("scrub --region TR --list list.txt longest.csv").ok();
    assert!(run.out().ends_with("\n05050047801,1,deny,list,+905050047801\n"));
}
