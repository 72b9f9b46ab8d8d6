import pytest
from dossiers.models import Dossier
from sqlalchemy import select
def show(talk, r=None):
    for x in talk.replies: print("   ",x["kind"],x["procedure"],x["aspects"],[b["title"] for b in x["buttons"]],"\n      "+x["text"].replace("\n","\n      ")[:700])
    print("    slots",{k:v for k,v in talk.slots.items() if v},"loop",talk.loop, "understood", talk.understood)
def run(talk,*turns):
    for t in turns:
        print(">>",t)
        if isinstance(t,str): talk.press(t)
        else: talk.say(*t[:2],*t[2:-1] if isinstance(t[-1],dict) else t[2:], **(t[-1] if isinstance(t[-1],dict) else {}))
        show(talk)
def test_a(talk):
    run(talk,("đăng ký kết hôn lệ phí bao nhiêu","ask_fee","fee"),("còn khai sinh?","name_procedure"),("chắc không","confirm_source"),("cái thứ hai","pick_option"),("cấp lại","name_procedure"),("số 2","pick_option"),("số 9","pick_option"))
def test_b(talk):
    run(talk,("cấp lại cần giấy tờ gì","ask_documents","documents"),("cái cuối","pick_option"))
def test_c(talk):
    run(talk,("mã 2.000815 lệ phí","ask_fee","fee"),("thủ tục 1.004222 và 1.001193","name_procedure"),)
def test_d(talk,catalog,s):
    old=[p for p in catalog if not p.in_force(s.today)]
    for p in old[:3]: run(talk,(f"thủ tục {p.code} cần giấy tờ gì","ask_documents","documents"))
    print([(p.id,p.valid_until,p.valid_from,p.replaced_by) for p in old])
    fut=[p for p in catalog if p.valid_from and p.valid_from>s.today]; print("FUT",fut)
def test_e(talk,s):
    with s.database.read() as session:
        codes=[d.code for d in session.scalars(select(Dossier))][:2]
    run(talk,(f"hồ sơ {codes[0]} tới đâu rồi, mấy giờ mở cửa, lệ phí khai sinh bao nhiêu","dossier_status","fee",{"also":("opening_hours",)}))
    run(talk,("hồ sơ của tôi tới đâu","dossier_status"),("1.001193 tới đâu rồi","dossier_status"),("quên mã hồ sơ","forgotten_code"),(f"{codes[0]} {codes[1]}","dossier_status"),"dossier_status")
def test_f(talk):
    run(talk,("mới sinh em bé cần làm gì","ask_overview","overview"),"life_event?event=sinh-con","life_event?event=khong-co",("khai sinh với thường trú cho bé cần giấy tờ gì","ask_documents","documents"))
def test_g(talk):
    run(talk,("nộp sổ hộ khẩu được không khi đăng ký thường trú","ask_documents","documents"),("xóa dữ liệu của tôi","erase_data"),("đăng ký kết hôn lệ phí","ask_fee","fee"),("ok","affirm"))
def test_h(talk):
    run(talk,("có những thủ tục nào","list_procedures"),"list_procedures?field=H%E1%BB%99+t%E1%BB%8Bch",("thủ tục lĩnh vực cư trú","list_procedures"))
