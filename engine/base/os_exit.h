// Purpose: a last word when a library ends the process, as Xlib does with exit(1) when the X server goes away.
// Owns: one handler at the process's exit, which does nothing unless it is armed.
// Threads: one arms and disarms; the handler runs on the thread that calls exit.
// Fails: without room for the handler the process ends as the library wants.
#pragma once

// From now on exit() calls `last`, whose result becomes the exit code, and nothing after it.
void os_exit_arm(int (*last)(void *object), void *object);
void os_exit_disarm(void);
