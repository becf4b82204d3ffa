"""What lets a node be looked after from afar (节点群管理): orders, configuration, models, commands, time."""
