//! The module _time: clocks of the host.

use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function("time()", time, "Return the current time in seconds since the Epoch."),
    function("time_ns()", time_ns, "Return the current time in nanoseconds since the Epoch."),
    function("monotonic()", monotonic, "Monotonic clock, cannot go backward."),
    function("monotonic_ns()", monotonic_ns, "Monotonic clock, cannot go backward, as nanoseconds."),
    function("perf_counter()", monotonic, "Performance counter for benchmarking."),
    function("perf_counter_ns()", monotonic_ns, "Performance counter for benchmarking as nanoseconds."),
    function("process_time()", process_time, "Process time for profiling: sum of the kernel and user-space CPU time."),
    function("process_time_ns()", process_time_ns, "Process time for profiling as nanoseconds."),
    function("thread_time()", process_time, "Thread time for profiling."),
    function("sleep(seconds, /)", sleep, "Delay execution for a given number of seconds."),
    function("_civil(seconds, /)", civil, "Year, month, day, hour, minute, second, weekday, day of the year in UTC."),
];

static MODULE: ModuleDef = ModuleDef { name: "_time", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

fn seconds(nanoseconds: f64) -> Value {
    Value::float(nanoseconds / 1e9)
}

fn time(vm: &Vm, _a: &Args) -> R {
    Ok(seconds(vm.host.wall() as f64))
}

fn time_ns(vm: &Vm, _a: &Args) -> R {
    Ok(vm.int128(vm.host.wall()))
}

fn monotonic(vm: &Vm, _a: &Args) -> R {
    Ok(seconds(vm.host.monotonic() as f64))
}

fn monotonic_ns(vm: &Vm, _a: &Args) -> R {
    Ok(vm.uint(vm.host.monotonic()))
}

fn process_time(vm: &Vm, _a: &Args) -> R {
    Ok(seconds(vm.host.cpu() as f64))
}

fn process_time_ns(vm: &Vm, _a: &Args) -> R {
    Ok(vm.uint(vm.host.cpu()))
}

fn sleep(vm: &Vm, a: &Args) -> R {
    let x = if a[0].is_int() || a[0].as_f64().is_some() {
        vm.to_f64(&a[0])?
    } else {
        let what = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("'{what}' object cannot be interpreted as an integer")));
    };
    if x.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if x < 0.0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    if x > 9e9 {
        return Err(vm.overflow_error("timestamp too large to convert to C PyTime_t"));
    }
    vm.sleep_thread((x * 1e9) as u64)?;
    Ok(Value::NONE)
}

/// The civil calendar of a day count since 1970, by the method of eras of 400 years.
fn civil(vm: &Vm, a: &Args) -> R {
    let t = vm.to_f64(&a[0])?.floor();
    if !t.is_finite() || t.abs() > 6e13 {
        return Err(vm.overflow_error("timestamp out of range for platform time_t"));
    }
    let t = t as i64;
    let (days, rest) = (t.div_euclid(86_400), t.rem_euclid(86_400));
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + (month <= 2) as i64;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][(month - 1) as usize];
    let yday = before + day + (leap && month > 2) as i64;
    let weekday = (days + 3).rem_euclid(7);
    let fields = [year, month, day, rest / 3600, rest / 60 % 60, rest % 60, weekday, yday];
    Ok(vm.tuple(fields.map(Value::small)))
}
