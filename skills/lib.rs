//! Room `skills`.
