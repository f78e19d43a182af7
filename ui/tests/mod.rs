//! Tests of the whole room: updates as tables, pictures of every size, hostile text in every pane.
//!
//! They know the model and the view, and a desk that answers from memory (`fake`).
