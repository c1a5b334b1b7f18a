custody_ended = This person has been released or has left the network; nobody can take over any more.
