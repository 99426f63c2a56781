//! Nothing: the tests stand in the folders beside this one, each a binary of its own, and only they are of interest.
