# Names of the C library as old systems have them, so that a bundle built on a new one loads in hosts of Rocky Linux 8 and 9.
#
# A linker takes the newest version of every function, and with it the whole bundle asks for the newest glibc. What came with
# 2.29 or later is therefore called by its first version, which every glibc of x86-64 has, through jumps (made here) that
# `--wrap` puts in between; the three things that no old glibc has at all are in linux/since_2_32.cpp.
include(CheckCXXSourceCompiles)

check_cxx_source_compiles("#include <cstdlib>
#if !defined(__GLIBC__) || !defined(__x86_64__) || __GLIBC__ != 2 || __GLIBC_MINOR__ < 29
#error
#endif
int main() {}" CANDELA_NEW_GLIBC)
if(CANDELA_NEW_GLIBC)
  # pthread_cond_* are old in any case; threads of CUDA's run-time and its shared memory are in it.
  set(since_2_2_5
      exp exp2 log log2 pow hypot
      pthread_create pthread_join pthread_detach pthread_kill pthread_once pthread_key_create __pthread_key_create pthread_key_delete
      pthread_getspecific pthread_setspecific pthread_mutex_trylock pthread_mutexattr_init pthread_mutexattr_destroy
      pthread_mutexattr_settype pthread_mutexattr_setpshared pthread_condattr_setpshared pthread_spin_init pthread_spin_destroy
      pthread_spin_lock pthread_spin_trylock pthread_spin_unlock pthread_rwlock_init pthread_rwlock_destroy pthread_rwlock_rdlock
      pthread_rwlock_wrlock pthread_rwlock_tryrdlock pthread_rwlock_trywrlock pthread_rwlock_timedrdlock pthread_rwlock_timedwrlock
      pthread_rwlock_unlock pthread_rwlockattr_init pthread_rwlockattr_destroy pthread_rwlockattr_setpshared
      sem_init sem_destroy sem_wait sem_trywait sem_timedwait sem_post shm_open shm_unlink dlopen dlclose dlsym dlvsym dlerror)
  set(since_2_3_4 dlmopen)
  set(wraps __libc_single_threaded _dl_find_object stat lstat fstat fstat64)
  set(jumps "# Made by cmake/old_glibc.cmake. A section each: what nothing calls is left out of the bundle.\n")
  foreach(version IN ITEMS 2_2_5 2_3_4)
    string(REPLACE "_" "." dotted ${version})
    foreach(name IN LISTS since_${version})
      list(APPEND wraps ${name})
      string(APPEND jumps ".section .text.__wrap_${name},\"ax\",@progbits\n.symver candela_old_${name}, ${name}@GLIBC_${dotted}\n"
                          ".globl __wrap_${name}\n.hidden __wrap_${name}\n.type __wrap_${name}, @function\n__wrap_${name}:\n"
                          "  endbr64\n  jmp *candela_old_${name}@GOTPCREL(%rip)\n")
    endforeach()
  endforeach()
  string(APPEND jumps ".section .note.GNU-stack,\"\",@progbits\n")
  enable_language(ASM)
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/old_glibc.s CONTENT "${jumps}")
  target_sources(candela_ofx PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/old_glibc.s linux/since_2_32.cpp)
  foreach(name IN LISTS wraps)
    target_link_options(candela_ofx PRIVATE LINKER:--wrap=${name})
  endforeach()
  # Where these names were before 2.34; a new glibc has the files, empty.
  target_link_options(candela_ofx PRIVATE LINKER:--push-state,--no-as-needed -l:libpthread.so.0 -l:libdl.so.2 -l:librt.so.1
                      LINKER:--pop-state)
endif()
