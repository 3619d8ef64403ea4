"""Words of halls, so that a line of text ends between two of them where there is room for it."""

# What a name of a service or of its category often ends with: a line begins with it gladly.
_ENDINGS = (
    "申请 申报 申领 证明 登记 审核 审批 审查 办理 备案 认定 认证 调解 核发 "
    "核查 许可 变更 查询 咨询 报销 缴费 代缴 报名 委托 代办 帮办 参保 接续 "
    "转移 转接 提取 发放 注册 确认 引导 换领 补领 注销 "
)
_WORDS = (
    "业务 个人 不动产 不动产权证 父母 子女 供养 贷款 改造 许可证 残疾人证 项目 "
    "人口 费用 机构 此事项 开放的 中心 事务 事项 人员 人民 企业 优待 优待证 "
    "低保 住房 使用 便民 保障 保险 信访 信息 公共 公开 公积金 养老 养老保险 "
    "农村 农业 办事 动物 劳动 医保 医疗 卫生 危房 取号 受理 合作 合同 土地 "
    "地块 城乡 大厅 失业 失业金 婚姻 婚育 宅基地 导办台 小额 居住 居住证 居民 "
    "居民身份证 工伤 工商 工程 帮扶 建房 建筑 建设 开发 开放 异地 待遇 情况 "
    "户口 户籍 房屋 投资 抚恤 接待 救助 救济 教师 教育 政务 政府 政策 施工 "
    "最低 服务 村务 权属 林地 残疾 残疾人 殡葬 民政 水电费 法律 津贴 流动 "
    "流转 消防 环境 生活 生育 用地 电子 登记证 矛盾 社会 社保 社保卡 "
    "社会保障卡 社区 税务 窗口 站点 经营 综合 编号 网络 老年 老年人 职业 自助 "
    "营业 营业执照 补贴 街道 规划 计生 计划生育 评价 设立 设计 设施 证件 资格 "
    "退休 退役 退役军人 道路 选择 里程 金融 食品 高龄 党员 党群 组织关系 纠纷 "
    "执照 批文 文书 结果 营运 叫号 等候 顺序 目前 没有 绿色通道 普通 现在 "
    "不能 网络中断 打印 检疫 诊疗 报装 流动人口 人力 资源 参合 创业 就业 培训 "
    "招聘 援助 灵活 占道 租赁 首次 采伐 场所 药品 出租汽车 对象 补助 奖励 "
    "扶助 小作坊 终端 货运 团体 关系 初审 执业 困难 两项 广告 设置 养老金 "
    "社会保险 医保卡 身份证 老旧小区 光荣证 一卡通 城管 健康 档案 权证 "
)
ENDINGS = frozenset(_ENDINGS.split())
KEPT = ENDINGS | frozenset(_WORDS.split())
_LONGEST = max(map(len, KEPT))


def _known(text: str) -> list[tuple[int, int]]:
    """Where each of the words is in ``text``: its first place, and the one after its last."""
    places = [(i, i + n) for i in range(len(text)) for n in range(2, _LONGEST + 1)]
    return [(first, end) for first, end in places if text[first:end] in KEPT]


def cut_words(text: str) -> frozenset[int]:
    """The places in ``text`` where a break would cut one of the words."""
    return frozenset(at for first, end in _known(text) for at in range(first + 1, end))


def edges(text: str) -> frozenset[int]:
    """The places where one of the words begins or ends."""
    return frozenset(at for both in _known(text) for at in both)


def before_ending(text: str, place: int) -> bool:
    """Whether exactly one of the usual endings follows."""
    return text[place:] in ENDINGS
