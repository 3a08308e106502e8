//! The integrator as Verilog: nothing that Rust and Verilog understand differently.

use debye_hdl::base::lint::assert_no_findings;
use debye_hdl::integrator::pins;

#[test]
fn integrator_lint_finds_nothing() {
    assert_no_findings(&*pins::<8>().design);
    assert_no_findings(&*pins::<1>().design);
}
