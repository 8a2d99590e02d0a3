"""Evidence from the systems that hold it: questions, answers, and the read-only functions between them."""
