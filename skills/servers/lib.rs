//! Room `servers`.
