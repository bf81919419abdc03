/* The protocol of writers and collectors (Sources/RegistryCore/Collection/CollectionLedger.swift), for spin.

   One blob B, in an object store that has only: put, put if absent, get, list, delete, and requests that it refuses after
   a deadline. Two clients push the same manifest, which names B, into one repository: one has the bytes of B, the other
   relies on what is stored. A third deletes the manifest. Two or three collectors each believe they hold the lease, may
   die anywhere, and may wake up late.

   No manifest is acknowledged without B, and B is not removed under an acknowledged one: the two assertions, at the only
   places where that could change. Each -D flag leaves out one rule, and the model then has a counterexample.
   `.ci/run --full spin` checks all of them. */
#ifdef THREE
#define LAST_EPOCH 3
#else
#define LAST_EPOCH 2
#endif
bool blob = true;      /* blobs/B/data */
bool link;             /* the manifest's link, which both clients write */
bool intent[2];        /* gc/intents/ID of each push */
bool acknowledged;     /* a client was told 201, and nobody has deleted the manifest since */
bool condemned[LAST_EPOCH + 1];   /* by epoch: B is in a batch of condemned content */
byte verdict[LAST_EPOCH + 1];     /* by epoch: 0 none, 1 keep, 2 delete; put if absent */
bool deleting[LAST_EPOCH + 1];    /* by epoch: the deletion may still take effect */
byte next_epoch = 1;

inline acknowledge() { atomic { link = true; acknowledged = true; assert(blob) } }
inline remove() { blob = false; assert(!acknowledged) }

inline judge(e, v) { atomic { if :: verdict[e] == 0 -> verdict[e] = v :: else -> skip fi } }

proctype Pusher(byte i; bool has_bytes) {
  byte e, tries = 0;
again:
  /* The bytes: an upload, unless they are stored. */
  if
  :: blob -> skip
  :: !blob -> if :: has_bytes -> blob = true :: else -> goto refused fi
  fi;
#ifndef NO_INTENT
  intent[i] = true;
#endif
  /* The condemned content, read after the announcement was written. */
  e = 1;
  do
  :: e <= LAST_EPOCH ->
     if
     :: condemned[e] ->
        judge(e, 1);
        if
        :: verdict[e] == 2 ->
#ifndef NO_WAITING
           !deleting[e];
#endif
           skip
        :: else -> skip
        fi
     :: else -> skip
     fi;
     e++
  :: else -> break
  od;
#ifndef NO_LAST_LOOK
  if
  :: blob -> skip
  :: !blob -> if :: has_bytes && tries < 2 -> tries++; goto again :: else -> goto refused fi
  fi;
#endif
  /* The link, by a request with a deadline before which the announcement counts. */
  if
  :: intent[i] -> acknowledge()
#ifdef NO_LINK_DEADLINE
  :: true -> intent[i] = false; acknowledge()
#else
  :: true -> skip
#endif
#ifdef NO_INTENT
  :: true -> acknowledge()
#endif
  fi;
refused: intent[i] = false
}

proctype Deleter() { if :: atomic { link -> acknowledged = false; link = false } :: true -> skip fi }

inline mark() {
#ifdef LINKS_FIRST
  marked = link; marked = marked || intent[0]; marked = marked || intent[1]
#else
  marked = intent[0]; marked = marked || intent[1]; marked = marked || link
#endif
}

/* Epochs are numbered in the order in which they begin. */
proctype Collector(byte e) {
  bool marked; bool mine = false;
  atomic { next_epoch == e -> next_epoch++ }
  /* What an earlier epoch condemned is lifted once its deletion cannot take effect any more. */
  if
  :: e > 1 && condemned[e - 1] && !deleting[e - 1] && verdict[e - 1] == 2 -> condemned[e - 1] = false
  :: true -> skip
  fi;
  mark();
  if :: marked -> goto out :: else -> skip fi;
  condemned[e] = true;
#ifndef NO_SECOND_MARK
  mark();
  if :: marked -> goto lift :: else -> skip fi;
#endif
#ifndef NO_VERDICT
  atomic { if :: verdict[e] == 0 -> verdict[e] = 2; mine = true; deleting[e] = true :: else -> skip fi }
  if :: !mine -> goto lift :: else -> skip fi;
#else
  deleting[e] = true;
#endif
  if
  :: atomic { deleting[e] -> deleting[e] = false; remove() }
  :: deleting[e] = false   /* the deadline has passed, or the collector has died */
#ifdef NO_DELETION_DEADLINE
  ; atomic { remove() }
#endif
  fi;
lift:
  if :: condemned[e] = false :: skip fi;
out: skip
}

init {
  atomic {
    run Pusher(0, true); run Pusher(1, false); run Deleter(); run Collector(1); run Collector(2);
#ifdef THREE
    run Collector(3)
#endif
  }
}
