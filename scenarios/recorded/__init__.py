"""Truth for real recordings (实拍真值), which are not part of the project."""
