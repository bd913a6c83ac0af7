//! `sandbox`: the built-in target alone.

use crate::sandbox::{self, SandboxOptions};

use super::{
    exit::{CliError, Exit},
    sandbox_args::SandboxArgs,
};

/// Serves until the process is told to end.
pub fn serve(args: &SandboxArgs) -> Result<Exit, CliError> {
    if args.null {
        sandbox::serve_null(args.port, args.exit_with_parent)?;
        return Ok(Exit::Pass);
    }
    sandbox::serve(&SandboxOptions {
        port: args.port,
        error_ratio: args.error_share,
        slower_ratio: args.slower,
        seed: args.seed,
        queue: args.queue.options(),
        switches: args.platform.switches(),
        data: args.platform.data(),
        link_bytes_per_sec: args.platform.link,
        exit_with_parent: args.exit_with_parent,
    })?;
    Ok(Exit::Pass)
}
