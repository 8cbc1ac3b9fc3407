//! Values, frames, interpreter, scheduler, built-in types and the native-function API.
