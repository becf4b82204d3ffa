"""The centre's side of fleet management (节点群管理): what nodes are to be, and what they are told to do."""
