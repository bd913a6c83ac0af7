//! `sandbox`: the built-in target alone.

use crate::sandbox::{self, SandboxOptions};

use super::{
    args::SandboxArgs,
    exit::{CliError, Exit},
};

/// Serves until the process is told to end.
pub fn serve(args: &SandboxArgs) -> Result<Exit, CliError> {
    if args.null {
        sandbox::serve_null(args.port, args.exit_with_parent)?;
        return Ok(Exit::Pass);
    }
    sandbox::serve(&SandboxOptions {
        port: args.port,
        error_ratio: args.error_share.0,
        slower_ratio: args.slower.0,
        seed: args.seed,
        exit_with_parent: args.exit_with_parent,
    })?;
    Ok(Exit::Pass)
}
