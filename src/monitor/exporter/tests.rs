//! Exporters on loopback that say what they are told to.
