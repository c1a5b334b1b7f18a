//! The program: everything is in the library.

/// The system allocator keeps what a burst of requests took; this one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    jiezhuan::cli::run()
}
