custody_ended = This person has been released or has left the network; nobody can take over any more.
keeps_for_nobody = You sign for no organisation, so you keep nothing for one.
root_differs = The chain value of { $on } is not the one that you have. Both sides must look.
