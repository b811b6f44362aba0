//! The table of bounds: what the project has promised, beside what this run measured.

/// The most or the least that a figure may be.
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// One figure and its bound.
struct Promise {
    what: String,
    measured: f64,
    bound: Bound,
}

/// The bounds that this run has measured, in their order.
#[derive(Default)]
pub(crate) struct Bounds(Vec<Promise>);

impl Bounds {
    pub(crate) fn add(&mut self, what: impl Into<String>, measured: f64, bound: Bound) {
        self.0.push(Promise { what: what.into(), measured, bound });
    }

    /// Prints a line for each figure, which ends with `ok` or `SHORT`. A machine that others use may
    /// make a figure short, so this does not fail the run.
    pub(crate) fn print(&self) {
        if self.0.is_empty() {
            return;
        }
        println!("\n## Bounds\n");
        for Promise { what, measured, bound } in &self.0 {
            let (sign, bound, is_kept) = match *bound {
                Bound::AtMost(bound) => ("<=", bound, *measured <= bound),
                Bound::AtLeast(bound) => (">=", bound, *measured >= bound),
            };
            let state = if is_kept { "ok" } else { "SHORT" };
            println!("{what:<62} {measured:>8.2} {sign} {bound:<6} {state}");
        }
    }
}
