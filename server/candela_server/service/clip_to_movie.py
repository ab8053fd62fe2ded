"""stub until the writers are there"""
def write_movie(plan, progress):
    raise NotImplementedError
