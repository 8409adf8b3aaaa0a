def module(world, file):
    return ""
