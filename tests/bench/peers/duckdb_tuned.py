"""DuckDB, tuned: duckdb_tuned.py NIGHT DB night1|night2 PATRONS. Single pass load straight to tables with a 64-bit row hash; duplicates and
enrollment diff on hashes. Required, enum, pattern, duplicate and reference checks; matching by number, then e-mail; diff and apply."""
import os
import sys
import tempfile
import time

import duckdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tables import DATE, ENUM, H, PK, REQ, RX
RX = {**RX, ('sections', 'Term_start'): DATE, ('sections', 'Term_end'): DATE}
FK=[('students','School_id','schools','School_id'),('teachers','School_id','schools','School_id'),('sections','School_id','schools','School_id'),('enrollments','School_id','schools','School_id'),('staff','School_id','schools','School_id'),('sections','Teacher_id','teachers','Teacher_id'),('sections','Teacher_2_id','teachers','Teacher_id'),('sections','Teacher_3_id','teachers','Teacher_id'),('enrollments','Section_id','sections','Section_id'),('enrollments','Student_id','students','Student_id')]
d,db,mode,patrons=sys.argv[1:5]; T0=time.time()
def lap(m):
    global T0; t=time.time(); print(f"{m:28} {t-T0:7.3f}"); T0=t
if mode=='night1':
    for s in ('','.wal'):
        if os.path.exists(db+s): os.remove(db+s)
c=duckdb.connect(db); c.execute("SET threads=2; SET preserve_insertion_order=false; SET memory_limit='18GB'; SET checkpoint_threshold='4GB'; SET temp_directory='"+tempfile.gettempdir()+"'")
def rd(t):
    names=','.join("'%s':'VARCHAR'"%x for x in H[t])
    return f"read_csv('{d}/{t}.csv',header=true,auto_detect=false,delim=',',quote='\"',escape='\"',columns={{{names}}})"
c.execute("BEGIN")
kh=lambda t:f"hash({','.join(PK[t])})"
for t in H:
    hx=','.join(H[t])
    tgt = t if mode=='night1' else f's_{t}'
    c.execute(f"CREATE {'' if mode=='night1' else 'TEMP '}TABLE {tgt} AS SELECT *, hash({hx}) AS h_ FROM {rd(t)}")
p='' if mode=='night1' else 's_'
lap('read_csv + hash')
errs={}
for t in H:
    agg=[f"count(*) FILTER ({x} IS NULL OR {x}='')" for x in REQ[t]]; lab=[f'{t}.{x} required' for x in REQ[t]]
    if t in('students','sections'):
        for x in H[t]:
            if x in ENUM and not(t=='sections' and x!='Grade'): agg.append(f"count(*) FILTER ({x} <> '' AND {x} NOT IN ({','.join(repr(v) for v in ENUM[x])}))"); lab.append(f'{t}.{x} enum')
    for (tt,x),r in RX.items():
        if tt==t: agg.append(f"count(*) FILTER ({x} <> '' AND NOT regexp_matches({x},'{r}'))"); lab.append(f'{t}.{x} regex')
    agg.append(f"count(*)-count(DISTINCT {kh(t)})"); lab.append(t+' dup')
    for l,v in zip(lab,c.execute(f"SELECT {','.join(agg)} FROM {p}{t}").fetchone()): errs[l]=v
lap('null/enum/regex/dup')
for t,x,q,y in FK: errs[f'{t}.{x} fk']=c.execute(f"SELECT count(*) FROM {p}{t} s WHERE s.{x}<>'' AND s.{x} NOT IN (SELECT {y} FROM {p}{q})").fetchone()[0] if t!='enrollments' else c.execute(f"SELECT count(*) FROM (SELECT DISTINCT {x} FROM {p}{t}) s ANTI JOIN {p}{q} z ON s.{x}=z.{y}").fetchone()[0]
lap('foreign keys'); print('errors',{k:v for k,v in errs.items() if v})
c.execute(f"CREATE TEMP TABLE pat AS SELECT * FROM read_csv('{patrons}',header=true,all_varchar=true)")
src='students' if mode=='night1' else "(SELECT s.* FROM s_students s ANTI JOIN students m USING (Student_id))"
print('match',c.execute(f"SELECT count(b.patron_id),count(e.patron_id),count(*) FROM {src} s LEFT JOIN (SELECT * FROM pat WHERE student_number<>'') b ON s.Student_number=b.student_number LEFT JOIN pat e ON b.patron_id IS NULL AND s.Student_email=e.email").fetchone()); lap('match')
if mode=='night2':
    st={}
    for t in H:
        pk=PK[t]; eq=' AND '.join(f's.{x}=m.{x}' for x in pk)
        c.execute(f"CREATE TEMP TABLE n_{t} AS SELECT s.* FROM s_{t} s ANTI JOIN {t} m ON s.h_=m.h_")      # new or changed
        c.execute(f"CREATE TEMP TABLE d_{t} AS SELECT m.rowid AS r FROM {t} m ANTI JOIN s_{t} s ON s.h_=m.h_")   # gone or changed
        st[t]=tuple(c.execute(f"SELECT count(*) FROM {k}_{t}").fetchone()[0] for k in 'dn')
    lap('diff'); print('diff', st)
    for t in H:
        if st[t][0]: c.execute(f"DELETE FROM {t} WHERE rowid IN (SELECT r FROM d_{t})")
        if st[t][1]: c.execute(f"INSERT INTO {t} SELECT * FROM n_{t}")
c.execute("COMMIT"); lap('apply/commit'); c.close(); lap('close')
